"""From a DSN to what libpq is given: read before anything is sent to anybody.

A password with an unescaped @ or / would be taken for a part of the address, and so
end up in messages; such a DSN is refused first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from partman_core.errors import ConfigError
from partman_core.pg import failures
from partman_core.pg.driver import pq, psycopg

if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENT: Mapping[str, str] = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
"""How soon we notice that the server is gone, unless the DSN says otherwise."""


def parameters(dsn: str, application_name: str) -> dict[str, Any]:
    """Return what libpq is to be given, but for our own options.

    :param application_name: where neither the DSN nor PGAPPNAME gives one.
    :raises ConfigError: the DSN cannot be read; code ``dsn``.
    """
    if _has_stray_at(dsn):
        raise ConfigError(
            "the DSN has an @ more than it needs",
            hint="write @ in a user's name or password as %40, / as %2F, : as %3A",
            code="dsn",
        )
    try:
        params = psycopg.conninfo.conninfo_to_dict(dsn)
    except psycopg.ProgrammingError as error:
        raise failures.unreadable_dsn(error) from None
    ports = str(params.get("port", "")).split(",")
    if not all(port.strip().isdecimal() for port in ports if port):
        raise ConfigError(
            "the port in the DSN is not a number",
            hint="postgresql://USER:PASSWORD@HOST:PORT/DATABASE: is the host left out?",
            code="dsn",
        )
    defaults = {o.keyword.decode(): o.val for o in pq.Conninfo.get_defaults()}
    named = {**PATIENT, "fallback_application_name": application_name}
    for name, value in named.items():
        if not defaults.get(name):
            params.setdefault(name, value)
    if inherited := defaults.get("options"):
        params.setdefault("options", inherited.decode())
    return params


def _has_stray_at(dsn: str) -> bool:
    """Say whether a URL's password ends it too early: libpq would show the rest."""
    scheme, found, rest = dsn.partition("://")
    if not found or scheme not in {"postgresql", "postgres"}:
        return False
    authority, _, path = rest.partition("?")[0].partition("/")
    return authority.count("@") > 1 or "@" in path


def options_for(settings: Mapping[str, str]) -> str:
    """Write settings of the server as libpq's ``options``."""
    escaped = {name: value.replace(" ", r"\ ") for name, value in settings.items()}
    return " ".join(f"-c {name}={value}" for name, value in escaped.items())
