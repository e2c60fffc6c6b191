"""The door: who is asking, whichever way they logged in, and logging in and out."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from partman_webui.asking import EVERYTHING, Actor
from partman_webui.guard import is_at_home
from partman_webui.limits import too_often
from partman_webui.login.link import Link
from partman_webui.login.session import Sessions
from partman_webui.problems import ProblemError, problem

if TYPE_CHECKING:
    from partman_webui.limits import Limits
    from partman_webui.login.asked import LoginAsked
    from partman_webui.options import Options
    from partman_webui.received import Received

LINK_USED_UP = (
    "This login link was used already, or is older than 10 minutes.",
    "Whoever runs these pages gets a new one by starting `partman ui` again.",
)


@frozen(kw_only=True)
class Door:
    """Lets people in.

    :param sessions: of those who logged in by the login page or a link.
    """

    options: Options
    limits: Limits
    sessions: Sessions

    @classmethod
    def of(cls, options: Options, limits: Limits) -> Door:
        """Return the door that the options describe."""
        given = options.key or secrets.token_bytes(32)
        key = hashlib.sha256(b"partman session\0" + given).digest()
        sessions = Sessions(key=key, seconds=options.session_seconds)
        return cls(options=options, limits=limits, sessions=sessions)

    def stranger(self, asked: Received) -> Actor:
        """Return whoever asks before they are known, for the history."""
        return Actor(name="nobody", method="none", address=asked.address)

    def who(self, asked: Received, now: float) -> Actor | None:
        """Return who asks; None: nobody who is logged in.

        :raises ProblemError: ``login-failed``, or ``rate-limited``.
        """
        if not self.options.auth:
            at_home = self.options.anyone or is_at_home(asked)
            local = Actor(name="anyone", method="none", can=EVERYTHING)
            return self._known(local, asked) if at_home else None
        if asked.header("authorization"):
            self._check_failures(asked, now)
        try:
            shown = (way.who(asked, now) for way in self.options.auth)
            found = next((actor for actor in shown if actor), None)
        except ProblemError:
            self.limits.logins.count(asked.address or "", now)
            raise
        found = found or self.sessions.who(asked, now)
        return self._known(found, asked) if found else None

    def log_in(self, sent: LoginAsked, asked: Received, now: float) -> Actor:
        """Return who knows the secret that the login page sent.

        :raises ProblemError: ``login-failed``, or ``rate-limited``.
        """
        self._check_failures(asked, now)
        known = (way.by_secret(sent, now) for way in self.options.auth)
        if (found := next((actor for actor in known if actor), None)) is None:
            self.limits.logins.count(asked.address or "", now)
            raise problem("login-failed", "That is not known here, or has ended.")
        return self._known(found, asked)

    def by_link(self, secret: str, asked: Received, now: float) -> Actor:
        """Use up a login link, and return who is behind it.

        :raises ProblemError: ``login-failed``, or ``rate-limited``.
        """
        self._check_failures(asked, now)
        for way in self.options.auth:
            if isinstance(way, Link) and way.redeem(secret, now):
                found = Actor(name=way.actor, method=way.name, can=EVERYTHING)
                return self._known(found, asked)
        self.limits.logins.count(asked.address or "", now)
        detail, hint = LINK_USED_UP
        raise problem("login-failed", detail, hint=hint)

    def _known(self, actor: Actor, asked: Received) -> Actor:
        can = actor.can & self.options.allow
        return evolve(actor, address=asked.address, can=can)

    def _check_failures(self, asked: Received, now: float) -> None:
        if wait := self.limits.logins.wait(asked.address or "", now):
            raise too_often("failed logins from this address", wait)


def challenge(asked: Received, options: Options) -> dict[str, str]:
    """Return the header that says how to log in.

    A browser that is told of ``Basic`` opens a window of its own over the pages, so
    their own requests are not told.
    """
    names = {way.name for way in options.auth}
    if "basic" in names and asked.header("sec-fetch-site") is None:
        return {"WWW-Authenticate": 'Basic realm="partman", charset="UTF-8"'}
    return {"WWW-Authenticate": 'Bearer realm="partman"'}


def nobody(asked: Received, options: Options) -> Exception:
    """Return the refusal of a request that nobody is logged in for."""
    if options.is_local:
        return problem(
            "auth-required",
            "Without a way to log in these pages answer only to the machine that they "
            "run on, by its own name and through no proxy.",
            hint="Give create_app(auth=...), or partman ui --auth, a way to log in.",
            headers=challenge(asked, options),
        )
    ways = ", ".join(way.name for way in options.auth)
    return problem(
        "auth-required",
        "Nobody is logged in.",
        hint=f"The ways to log in here: {ways}.",
        headers=challenge(asked, options),
    )
