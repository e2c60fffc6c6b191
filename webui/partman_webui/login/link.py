"""Links that log in: printed when the server starts, good once and not for long."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from typing import TYPE_CHECKING

from attrs import define, field

from partman_webui.asking import EVERYTHING, Actor

if TYPE_CHECKING:
    from partman_webui.login.asked import LoginAsked
    from partman_webui.received import Received

MINUTES = 10
"""How long a link is good."""


@define(kw_only=True)
class Link:
    """One-time links; only their SHA-256 is kept.

    :param actor: who is behind them, for the history: whoever started the server.
    """

    actor: str = "link"
    name: str = field(default="link", init=False)
    _good_until: dict[bytes, float] = field(factory=dict, repr=False)
    _lock: threading.Lock = field(factory=threading.Lock, repr=False)

    def issue(self, now: float) -> str:
        """Return the secret of a new link: 32 random bytes."""
        secret = secrets.token_urlsafe(32)
        with self._lock:
            self._good_until[_digest(secret)] = now + MINUTES * 60
        return secret

    def redeem(self, secret: str, now: float) -> bool:
        """Use a link up; say whether it was good."""
        asked, found = _digest(secret), None
        with self._lock:
            for known in tuple(self._good_until):
                if self._good_until[known] <= now:
                    del self._good_until[known]
                elif hmac.compare_digest(known, asked):
                    found = known
            return found is not None and bool(self._good_until.pop(found))

    def who(self, asked: Received, now: float) -> Actor | None:  # noqa: ARG002
        """Return None: the cookie that a link gives is the door's business."""
        return None

    def by_secret(self, sent: LoginAsked, now: float) -> Actor | None:
        """Return whoever started the server, if a link's secret was sent."""
        if sent.token is None or not self.redeem(sent.token, now):
            return None
        return Actor(name=self.actor, method=self.name, can=EVERYTHING)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
