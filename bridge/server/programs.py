"""The families of calendar programs, as they name themselves. Nothing else of a User-Agent is kept."""

_FAMILIES = (
    ("Google-Calendar", "Google Calendar"),
    ("dataaccessd", "Apple Calendar"),
    ("CalendarAgent", "Apple Calendar"),
    ("CalendarStore", "Apple Calendar"),
    ("Microsoft", "Outlook"),
    ("Outlook", "Outlook"),
    ("Thunderbird", "Thunderbird"),
    ("ICSx5", "ICSx⁵"),
    ("Evolution", "GNOME Calendar"),
    ("Nextcloud", "Nextcloud"),
    ("Proton", "Proton Calendar"),
    ("Fantastical", "Fantastical"),
    ("Yahoo", "Yahoo Calendar"),
    ("iOS/", "Apple Calendar"),
    ("macOS/", "Apple Calendar"),
)


def program_of(user_agent: str) -> str:
    """The family of the program with this User-Agent; empty if it is not known."""
    return next((family for mark, family in _FAMILIES if mark in user_agent), "")
