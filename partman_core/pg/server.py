"""What we are connected to: a server, whose our schema is, and whether we may write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import frozen

from partman_core.errors import ConfigError

if TYPE_CHECKING:
    from datetime import datetime

OLDEST = 15
"""The first major version of PostgreSQL that partman works with."""

Ownership = Literal["absent", "empty", "ours", "unreadable", "foreign"]


@frozen(kw_only=True)
class Server:
    """What we are connected to.

    :param version: as ``server_version_num`` has it, 180006.
    :param pooled: whether a pooler stands before it.
    :param read_only: whether transactions are read-only by default.
    :param now: the server's time, aware UTC.
    :param schema: the schema that was asked for.
    :param registry: whether that schema is there and whose it is; ``unreadable``
        where it is ours, but this role may not read it.
    :param schema_version: the last migration in it, if it is ours.
    :param occupant: whose it is if it is foreign, for a sentence.
    """

    version: int
    in_recovery: bool
    read_only: bool
    user: str
    database: str
    now: datetime
    schema: str
    registry: Ownership
    schema_version: int | None = None
    occupant: str | None = None
    pooled: bool = False


def occupant(extension: str | None, relations: list[str] | None) -> str:
    """Say whose a schema is."""
    names = set(relations or ())
    if extension is not None:
        return f"it belongs to the extension {extension}"
    if "part_config" in names:
        return "it holds the tables of pg_partman (part_config)"
    if "parent_tables" in names and names & {"tenants", "partitions"}:
        return "it holds the tables of go_partman or gopartman (parent_tables)"
    if not names:
        return "it holds objects that are not partman's"
    listed = sorted(names)
    return f"it holds {', '.join(listed[:3])}{', ...' if listed[3:] else ''}"


def require_version(version: int) -> None:
    """Refuse a server that is older than partman can work with.

    :param version: as ``server_version_num`` has it.
    :raises ConfigError: it is; code ``version``.
    """
    if version < OLDEST * 10_000:
        major = version // 10_000
        raise ConfigError(
            f"the server is PostgreSQL {major}, and partman needs {OLDEST} or newer",
            hint="upgrade the server",
            code="version",
        )


def require_writable(server: Server) -> None:
    """Refuse to write where nothing can be written.

    :raises ConfigError: code ``standby``: a standby, or a session that is read-only.
    """
    require_version(server.version)
    if server.in_recovery:
        raise ConfigError(
            "the server is a standby, and nothing can be written there",
            hint="connect to the primary; a DSN of several hosts finds it by "
            "target_session_attrs=read-write",
            code="standby",
        )
    if server.read_only:
        raise ConfigError(
            f"sessions of {server.user} in {server.database} are read-only",
            hint="somebody set default_transaction_read_only, for the role, for the "
            "database or in the DSN's options",
            code="standby",
        )
