"""Users and passwords; only what scrypt makes of a password is kept."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
from typing import TYPE_CHECKING

from attrs import define, field

from partman_core.errors import ConfigError
from partman_webui.asking import EVERYTHING, Actor
from partman_webui.problems import problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from partman_webui.login.asked import LoginAsked
    from partman_webui.received import Received

COST, BLOCK, PARALLEL = 2**15, 8, 1
"""What a new password is hashed with: some 100 ms and 32 MB."""

MEMORY = 128 * 1024 * 1024
REMEMBERED = 300.0
"""Seconds for which a password that was right need not be hashed again."""

MOST_REMEMBERED = 100


def hashed(password: str) -> str:
    """Return what is kept of a password, as ``scrypt$N$r$p$SALT$HASH``."""
    salt = secrets.token_bytes(16)
    made = _scrypt(password, salt, COST, BLOCK, PARALLEL)
    text = (base64.b64encode(part).decode() for part in (salt, made))
    return "$".join(["scrypt", str(COST), str(BLOCK), str(PARALLEL), *text])


def _scrypt(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    given = password.encode("utf-8", "replace")
    return hashlib.scrypt(
        given, salt=salt, n=cost, r=block, p=parallel, maxmem=MEMORY, dklen=32
    )


def is_right(password: str, kept: str) -> bool:
    """Say whether a password is the one of which *kept* was made.

    :raises ValueError: nobody can say, as *kept* is nothing of ours.
    """
    kind, cost, block, parallel, salt, made = kept.split("$")
    if kind != "scrypt":
        raise ValueError(kind)
    again = _scrypt(
        password, base64.b64decode(salt), int(cost), int(block), int(parallel)
    )
    return hmac.compare_digest(again, base64.b64decode(made))


def read_users(file: Path) -> dict[str, str]:
    """Read users, one a line as ``NAME:scrypt$...``.

    :raises ConfigError: it cannot be read, or a line is no user.
    """
    users: dict[str, str] = {}
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise ConfigError(
            f"the users in {file} cannot be read: {error}", code="webui"
        ) from None
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, kept = line.strip().partition(":")
        try:
            is_right("", kept)
        except (ValueError, binascii.Error):
            raise ConfigError(
                f"line {number} of {file} is no user",
                hint="a line is NAME:scrypt$...; `partman ui --hash-password` makes it",
                code="webui",
            ) from None
        users[name] = kept
    return users


@define
class Basic:
    """``Authorization: Basic``, and the form of the login page.

    :param users: what is kept of their passwords, by their names.
    """

    users: Mapping[str, str] = field(repr=False)
    name: str = field(default="basic", init=False)
    _right: dict[bytes, float] = field(factory=dict, repr=False, init=False)
    _key: bytes = field(factory=lambda: secrets.token_bytes(32), repr=False, init=False)
    _nobody: str = field(repr=False, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, repr=False, init=False)

    @_nobody.default
    def _make_nobody(self) -> str:
        """Hash a password that nobody has: unknown names take as long as known ones."""
        return hashed(secrets.token_urlsafe(16))

    def who(self, asked: Received, now: float) -> Actor | None:
        """Return the user that a request names.

        :raises ProblemError: ``login-failed``: the password is not theirs.
        """
        kind, _, encoded = asked.header("authorization", "").partition(" ")
        if kind.lower() != "basic":
            return None
        try:
            text = base64.b64decode(encoded.strip(), validate=True).decode()
        except (ValueError, binascii.Error):
            text = ":"
        user, _, password = text.partition(":")
        if not self._knows(user, password, now):
            raise problem("login-failed", "That user and password are not known here.")
        return Actor(name=user, method=self.name, can=EVERYTHING)

    def by_secret(self, sent: LoginAsked, now: float) -> Actor | None:
        """Return the user whose password was sent."""
        if sent.user is None or sent.password is None:
            return None
        if not self._knows(sent.user, sent.password, now):
            return None
        return Actor(name=sent.user, method=self.name, can=EVERYTHING)

    def _knows(self, user: str, password: str, now: float) -> bool:
        shown = hmac.digest(
            self._key, f"{user}\0{password}".encode("utf-8", "replace"), "sha256"
        )
        # One at a time: each hash takes its memory, and many ask at once.
        with self._lock:
            if self._right.get(shown, 0.0) > now:
                return True
            kept = self.users.get(user)
            right = is_right(password, kept or self._nobody) and kept is not None
            if right:
                while len(self._right) >= MOST_REMEMBERED:
                    del self._right[next(iter(self._right))]
                self._right[shown] = now + REMEMBERED
            return right
