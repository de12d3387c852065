"""How calendar programs subscribe to a feed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from markupsafe import Markup


_OWN = (("iPhone", "apple"), ("iPad", "apple"), ("Macintosh", "apple"), ("Android", "google"), ("Windows", "outlook"))


def own_program(user_agent: str) -> str:
    """The calendar program that comes with the system of a browser: "apple", "google" or "outlook"; else empty."""
    return next((program for system, program in _OWN if system in user_agent), "")


@dataclass(frozen=True, slots=True)
class Subscription:
    """The address of a feed, as each calendar program wants it."""

    address: str
    title: str

    @property
    def apple(self) -> str:
        """A link that opens Apple's Calendar."""
        return "webcal://" + self.address.partition("://")[2]

    @property
    def google(self) -> str:
        """A page of Google Calendar that asks whether to add the feed."""
        return f"https://calendar.google.com/calendar/r?cid={quote(self.apple, safe='')}"

    @property
    def outlook_work(self) -> str:
        """A page of Outlook that asks whether to add the feed, for accounts of work or school."""
        return f"https://outlook.office.com/calendar/0/addfromweb?{self._named}"

    @property
    def outlook_home(self) -> str:
        """The same for private accounts."""
        return f"https://outlook.live.com/calendar/0/addfromweb?{self._named}"

    @property
    def _named(self) -> str:
        return f"url={quote(self.address, safe='')}&name={quote(self.title, safe='')}"

    @property
    def qr(self) -> Markup:
        """A QR code of the link for a phone, as SVG without styles."""
        import segno  # noqa: PLC0415 - spared where nobody opens a page
        from markupsafe import Markup  # noqa: PLC0415 - likewise

        code = segno.make(self.address, micro=False)
        svg = code.svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None)
        return Markup(svg)  # noqa: S704 - segno draws squares; no text of the address is in it
