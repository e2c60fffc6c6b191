"""Who is logged in to the application that the pages are mounted in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from partman_webui.asking import EVERYTHING, Actor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from partman_webui.login.asked import LoginAsked
    from partman_webui.received import Received


def remote_user(environ: Mapping[str, Any]) -> str | None:
    """Return whom the server, or a middleware, has found."""
    return environ.get("REMOTE_USER") or None


@frozen
class Hosted:
    """What the host application says.

    :param ask: is given the WSGI environ; returns the user's name, an
        :class:`~partman_webui.asking.Actor` (with what they may do), or None.
    """

    ask: Callable[[Mapping[str, Any]], str | Actor | None] = remote_user
    name: str = field(default="wsgi", init=False)

    def who(self, asked: Received, now: float) -> Actor | None:  # noqa: ARG002
        """Return whom the host application names."""
        found = self.ask(asked.environ)
        if found is None or isinstance(found, Actor):
            return found
        return Actor(name=str(found), method=self.name, can=EVERYTHING)

    def by_secret(self, sent: LoginAsked, now: float) -> Actor | None:  # noqa: ARG002
        """Return None: the host application has its own login page."""
        return None
