"""Bearer tokens, for scripts and for people; only their SHA-256 is kept."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING

from attrs import field, frozen

from partman_core.errors import ConfigError
from partman_webui.asking import EVERYTHING, Ability, Actor
from partman_webui.problems import problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partman_webui.login.asked import LoginAsked
    from partman_webui.received import Received

_DIGEST = re.compile(r"[0-9a-f]{64}")
SHORTEST = 16
"""Characters of a token; a shorter one is guessed."""


@frozen(kw_only=True)
class Token:
    """One token.

    :param name: of whoever has it, for the history.
    :param sha256: of the token, as hexadecimal digits.
    :param can: what it may do, as far as the pages allow it at all.
    :param until: seconds since 1970 at which it ends; None: never.
    """

    name: str
    sha256: str = field(repr=False)
    can: frozenset[Ability] = EVERYTHING
    until: float | None = None

    @classmethod
    def of(cls, secret: str, name: str = "token") -> Token:
        """Return the token that a person wrote down: itself, or ``sha256:...``.

        :raises ConfigError: it is too short.
        """
        kind, colon, digest = secret.partition(":")
        if colon and kind == "sha256" and _DIGEST.fullmatch(digest.lower()):
            return cls(name=name, sha256=digest.lower())
        if len(secret) < SHORTEST:
            raise ConfigError(
                f"a token needs at least {SHORTEST} characters",
                hint="`openssl rand -hex 32` makes a good one",
                code="webui",
            )
        return cls(name=name, sha256=hashlib.sha256(secret.encode()).hexdigest())


def _tuple(given: Iterable[Token]) -> tuple[Token, ...]:
    return tuple(given)


@frozen
class Bearer:
    """``Authorization: Bearer TOKEN``."""

    tokens: tuple[Token, ...] = field(converter=_tuple)
    name: str = field(default="token", init=False)

    @classmethod
    def of(cls, *secrets: str) -> Bearer:
        """Return the way in for these tokens."""
        return cls(tuple(Token.of(secret) for secret in secrets))

    def who(self, asked: Received, now: float) -> Actor | None:
        """Return whose token a request shows.

        :raises ProblemError: ``login-failed``: nobody's.
        """
        kind, _, secret = asked.header("authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        if (found := self._whose(secret.strip(), now)) is None:
            raise problem("login-failed", "That token is not known here, or has ended.")
        return found

    def by_secret(self, sent: LoginAsked, now: float) -> Actor | None:
        """Return whose token was sent."""
        return None if sent.token is None else self._whose(sent.token, now)

    def _whose(self, secret: str, now: float) -> Actor | None:
        digest = hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
        found = None
        for token in self.tokens:  # all of them: the time tells nothing
            if hmac.compare_digest(token.sha256, digest):
                found = token
        if found is None or (found.until is not None and found.until <= now):
            return None
        return Actor(name=found.name, method=self.name, can=found.can)
