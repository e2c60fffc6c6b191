"""Ways to log in.  Each says who a request is from, by itself; a door tries them all.

=========  =====================================================================
`link`     a link that is printed at the start, good for one use: it gives a cookie
`token`    ``Authorization: Bearer``; only the SHA-256 of a token is kept
`basic`    ``Authorization: Basic``; only scrypt's result for a password is kept
`header`   a header that a trusted proxy adds
`wsgi`     ``REMOTE_USER``, or a function of the application that mounts the pages
=========  =====================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from partman_webui.login.basic import Basic
from partman_webui.login.hosted import Hosted
from partman_webui.login.link import Link
from partman_webui.login.proxied import Proxied
from partman_webui.login.token import Bearer, Token

if TYPE_CHECKING:
    from partman_webui.asking import Actor
    from partman_webui.login.asked import LoginAsked
    from partman_webui.received import Received

__all__ = ["Basic", "Bearer", "Hosted", "Link", "Proxied", "Token", "Way"]


class Way(Protocol):
    """One way to log in."""

    @property
    def name(self) -> str:
        """What the history calls it."""

    def who(self, asked: Received, now: float) -> Actor | None:
        """Say who a request is from, by what it shows.

        What they may do is cut to what the pages allow at all.

        :returns: None: it shows nothing of this kind.
        :raises ProblemError: ``login-failed``: what it shows is wrong.
        """

    def by_secret(self, sent: LoginAsked, now: float) -> Actor | None:
        """Say who knows a secret that the login page sends.

        :returns: None: nobody does, or this way has no secrets.
        """
