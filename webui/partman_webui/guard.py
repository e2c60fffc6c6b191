"""What every request has to pass before anything else is done with it.

The server is called by a name of its own (another site that points its name at this
machine is not), a change comes from the pages themselves (no other site can have a
browser send one), and as JSON (no form can).  There is no CORS header anywhere: nobody
else's pages are to read what is here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from partman_webui.answers import JSON
from partman_webui.options import LOCAL_HOSTS
from partman_webui.problems import problem
from partman_webui.shapes import FieldProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partman_webui.options import Options
    from partman_webui.received import Received

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

SECURITY: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}
"""Headers of every answer."""


def check_host(asked: Received, options: Options) -> None:
    """Refuse a request that calls the server by a name that is not its own.

    :raises ProblemError: ``host-not-allowed``.
    """
    if options.hosts is None:
        return
    host = asked.host.lower()
    if host in options.hosts or _without_port(host) in options.hosts:
        return
    raise problem(
        "host-not-allowed",
        f"This server is not known as {asked.host[:100]!r}.",
        hint="If that is its name: partman ui --allowed-host NAME",
    )


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and (not port or port.isdecimal()) else host


def check_origin(asked: Received, *, by_token: bool) -> None:
    """Refuse a change that another site has a browser send.

    :param by_token: whether who asks has shown a bearer token, which no browser adds
        by itself.
    :raises ProblemError: ``cross-site``.
    """
    if asked.method in SAFE:
        return
    if (site := asked.header("sec-fetch-site")) is not None:
        if site != "same-origin":
            raise _cross_site(f"Sec-Fetch-Site is {site[:20]!r}")
    elif (origin := asked.header("origin")) is not None:
        if not _is_own(origin, asked):
            raise _cross_site(f"Origin is {origin[:100]!r}")
    elif asked.header("cookie") and not by_token:
        raise _cross_site("it has a cookie, but neither Sec-Fetch-Site nor Origin")


def _is_own(origin: str, asked: Received) -> bool:
    try:
        theirs, ours = urlsplit(origin), urlsplit(f"{asked.scheme}://{asked.host}")
        same_port = _port(theirs) == _port(ours)
    except ValueError:
        return False
    return (theirs.scheme, theirs.hostname) == (ours.scheme, ours.hostname) and (
        same_port and theirs.hostname is not None
    )


def _port(parts: Any) -> int | None:
    port: int | None = parts.port
    return port or {"http": 80, "https": 443}.get(parts.scheme)


def _cross_site(why: str) -> Exception:
    return problem(
        "cross-site",
        f"A change has to come from these pages themselves: {why}.",
        hint="Scripts send a bearer token and no cookie.",
    )


def body_of(asked: Received, limit: int) -> Any:
    """Return what was sent, as JSON; None: nothing was.

    :raises ProblemError: ``too-large``, ``json-only`` or ``bad-request``.
    """
    if asked.method in SAFE:
        return None
    sent = asked.body(limit)
    type_, *_ = asked.header("content-type", "").lower().split(";")
    if type_.strip() != JSON and (sent or type_):
        raise problem(
            "json-only",
            f"What is sent to this address has to be {JSON}, not "
            f"{type_[:60].strip() or 'of no type'!r}.",
        )
    if not sent:
        return None
    try:
        body = msgspec.json.decode(sent)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise problem("bad-request", "What was sent is no JSON.") from None
    if not _is_clean(body):
        detail = "text cannot hold U+0000"
        raise problem(
            "validation",
            f"What was sent is not right: {detail}.",
            errors=[FieldProblem(pointer="", detail=detail)],
        )
    return body


def _is_clean(value: Any) -> bool:
    """Say whether PostgreSQL can keep every text in a value."""
    if isinstance(value, str):
        return "\0" not in value
    if isinstance(value, dict):
        return all(_is_clean(k) and _is_clean(v) for k, v in value.items())
    return not isinstance(value, list) or all(map(_is_clean, value))


def is_at_home(asked: Received) -> bool:
    """Say whether a request comes straight from this machine, to its own name."""
    forwarded = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
    return (
        asked.is_loopback
        and _without_port(asked.host.lower()) in LOCAL_HOSTS
        and not any(asked.header(name) for name in forwarded)
    )
