"""What the login page sends."""

from __future__ import annotations

from attrs import field, frozen


@frozen(kw_only=True)
class LoginAsked:
    """Body of ``POST /api/v1/login``: a token, or a user and a password.

    :param token: a bearer token, or the secret of a login link.
    """

    token: str | None = field(default=None, repr=False)
    user: str | None = None
    password: str | None = field(default=None, repr=False)
