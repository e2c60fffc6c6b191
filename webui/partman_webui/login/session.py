"""Sessions: a signed cookie that says who logged in, how, and until when.

Nothing is stored for one but, until it would have ended anyway, that it was ended.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
from typing import TYPE_CHECKING

import msgspec
from attrs import define, field, frozen

from partman_webui.asking import Ability, Actor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partman_webui.received import Received

COOKIE = "partman_s"


@frozen(kw_only=True)
class Session:
    """What a cookie says.

    :param until: seconds since 1970.
    """

    id: str
    name: str
    method: str
    can: list[Ability]
    until: float


@define(kw_only=True)
class Sessions:
    """Makes and reads cookies.

    :param key: that they are signed with.
    :param seconds: how long one holds.
    """

    key: bytes = field(repr=False)
    seconds: int
    _ended: dict[str, float] = field(factory=dict)
    _lock: threading.Lock = field(factory=threading.Lock)

    def begin(self, actor: Actor, asked: Received, now: float) -> str:
        """Return the ``Set-Cookie`` header of a new session."""
        session = Session(
            id=secrets.token_urlsafe(12),
            name=actor.name,
            method=actor.method,
            can=sorted(actor.can),
            until=now + self.seconds,
        )
        text = _base64(msgspec.json.encode(session))
        return self._header(f"{text}.{self._signature(text)}", asked, self.seconds)

    def end(self, asked: Received, now: float) -> str:
        """End the session of a request; return the header that removes its cookie."""
        for found in self._shown(asked, now):
            with self._lock:
                over = [one for one, until in self._ended.items() if until <= now]
                for one in over:
                    del self._ended[one]
                self._ended[found.id] = found.until
        return self._header("", asked, 0)

    def who(self, asked: Received, now: float) -> Actor | None:
        """Return who logged in; None: nobody, or that is over."""
        for found in self._shown(asked, now):
            return Actor(name=found.name, method=found.method, can=frozenset(found.can))
        return None

    def _shown(self, asked: Received, now: float) -> Iterator[Session]:
        """Yield the sessions of ours that hold: other paths may have theirs."""
        for one in asked.header("cookie", "").split(";"):
            name, _, value = one.strip().partition("=")
            text, _, signature = value.partition(".")
            if name != COOKIE or not hmac.compare_digest(
                self._signature(text).encode(), signature.encode("utf-8", "replace")
            ):
                continue
            try:
                found = msgspec.json.decode(_bytes(text), type=Session)
            except (msgspec.MsgspecError, binascii.Error, ValueError):
                continue
            if found.until > now and found.id not in self._ended:
                yield found

    def _signature(self, text: str) -> str:
        given = text.encode("utf-8", "replace")
        return _base64(hmac.digest(self.key, given, hashlib.sha256))

    @staticmethod
    def _header(value: str, asked: Received, seconds: int) -> str:
        parts = [
            f"{COOKIE}={value}",
            f"Path={asked.prefix or '/'}",
            f"Max-Age={seconds}",
            "HttpOnly",
            "SameSite=Strict",
        ]
        return "; ".join(parts + ["Secure"] * (asked.scheme == "https"))


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
