"""A proxy that has logged somebody in, and says who it is in a header."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from partman_webui.asking import EVERYTHING, Actor

if TYPE_CHECKING:
    from partman_webui.login.asked import LoginAsked
    from partman_webui.received import Received


@frozen
class Proxied:
    """A header, believed only from the proxies that the options name.

    :param header: its name.
    """

    header: str = "X-Forwarded-User"
    name: str = field(default="header", init=False)

    def who(self, asked: Received, now: float) -> Actor | None:  # noqa: ARG002
        """Return the user whom a trusted proxy names."""
        if not asked.behind_proxy:
            return None
        named = " ".join(asked.header(self.header.lower(), "").split())
        if not named:
            return None
        return Actor(name=_text(named)[:200], method=self.name, can=EVERYTHING)

    def by_secret(self, sent: LoginAsked, now: float) -> Actor | None:  # noqa: ARG002
        """Return None: a proxy has no secrets here."""
        return None


def _text(raw: str) -> str:
    """Return a header as text: WSGI hands over bytes that look like Latin-1."""
    try:
        return raw.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return raw
