"""The refusals of the stand-in."""


class Refusal(Exception):
    """A status with the body that the API has for it. Names are in upper or lower case."""

    def __init__(self, status: int, *codes: str, capitals: bool = True, message: str = "", **headers: str) -> None:
        super().__init__(*codes)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        names = ("errors", "Code", "Message") if capitals else ("Errors", "code", "message")
        faults = [{names[1]: code, names[2]: message or "A message in which a name may stand"} for code in codes]
        self.body = {names[0]: faults} if codes else None
