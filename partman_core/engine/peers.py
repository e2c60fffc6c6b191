"""Other partition managers, found: what they have written down, in partman's words."""

from __future__ import annotations

import json
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from partman_core.engine.names import parsed
from partman_core.errors import ConfigError
from partman_core.pg import at_work
from partman_core.pg import takeover as peers
from partman_core.takeover import PEERS, Peer, Proposal, go, partsmith, pg_partman

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from partman_core.naming import Name
    from partman_core.pg.session import Connection


@frozen(kw_only=True)
class Found:
    """What is there of another partition manager.

    :param schema: where it keeps its tables; None: it keeps none.
    :param warnings: what a person has to know of it.
    """

    proposals: Sequence[Proposal]
    schema: str | None = None
    warnings: tuple[str, ...] = ()


def known(peer: str) -> Peer:
    """Return the partition manager of that name.

    :raises ConfigError: partman knows none.
    """
    if peer in PEERS:
        return peer
    near = get_close_matches(peer, PEERS, n=1)
    raise ConfigError(
        f"{peer!r} is no partition manager that partman knows"
        + (f"; did you mean {near[0]}?" if near else ""),
        hint=f"it takes over from {', '.join(PEERS)}",
        code="unknown-peer",
    )


def find(
    conn: Connection,
    peer: Peer,
    *,
    schema: str | None = None,
    document: str | Path | None = None,
) -> Found:
    """Read what another partition manager has written down.

    :param schema: where it keeps its tables; None: it is looked for.
    :param document: of pg-partsmith.
    :raises ConfigError: it is not there, or cannot be read.
    """
    if peer == "pg-partsmith":
        body = _document(document)
        rows = [(partsmith.name(row), row) for row in _entries(body, document)]
        sources = peers.of_partsmith(conn, rows, body.get("runtime") or {})
        proposals = [partsmith.proposal(source) for source in sources]
        return Found(proposals=proposals, warnings=(_unseen(peer),))
    place = _place(peers.places(conn, peer), peer, schema)
    if peer == "pg_partman":
        who = at_work.runners(conn)
        proposals = [
            pg_partman.proposal(source, who)
            for source in peers.of_pg_partman(conn, place)
        ]
        calls = tuple(f"{one}: take it away when nothing is left for it" for one in who)
        return Found(proposals=proposals, schema=place.schema, warnings=calls)
    proposals = [go.proposal(source) for source in peers.of_go(conn, place)]
    warnings = (_unseen(peer),)
    return Found(proposals=proposals, schema=place.schema, warnings=warnings)


def _unseen(peer: Peer) -> str:
    return (
        f"nothing in the database shows whether a program with {peer} still runs: stop "
        "it first, or it makes and drops partitions beside partman"
    )


def _place(there: Sequence[peers.Place], peer: Peer, schema: str | None) -> peers.Place:
    """Return where the other one keeps its tables.

    :raises ConfigError: it is not there, or in several places.
    """
    chosen = [one for one in there if schema in {None, one.schema}]
    if len(chosen) == 1:
        return chosen[0]
    if chosen:
        listed = ", ".join(one.schema for one in chosen)
        raise ConfigError(
            f"there are tables of {peer} in several schemas: {listed}",
            hint=f"say which: --schema {chosen[0].schema}",
            code="several-schemas",
        )
    where = f"the schema {schema}" if schema else "this database"
    raise ConfigError(
        f"there are no tables of {peer} in {where}, or none that may be seen",
        hint=f"they are in the schema {there[0].schema}"
        if there
        else "connect to the database that it maintains",
        code="nothing-to-take-over",
    )


def _document(path: str | Path | None) -> Mapping[str, Any]:
    """Read a document of pg-partsmith.

    :raises ConfigError: none is named, or it cannot be read.
    """
    if path is None:
        raise ConfigError(
            "pg-partsmith keeps its settings in a document, not in the database",
            hint="name it: --document FILE; what a program sets is registered by hand",
            code="no-document",
        )
    file = Path(path)
    try:
        text = file.read_text("utf-8")
        if file.suffix.lower() in {".yaml", ".yml"}:
            body = import_module("yaml").safe_load(text)
        else:
            body = json.loads(text)
    except ImportError as error:
        raise ConfigError(
            f"{file} is YAML, and nothing is installed that reads it",
            hint="pip install pyyaml, or write the document as JSON",
            code="document",
        ) from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"{file} cannot be read: {error}", code="document") from error
    except Exception as error:
        raise ConfigError(f"{file} is no YAML: {error}", code="document") from error
    if not isinstance(body, dict):
        raise ConfigError(f"{file} is no document of pg-partsmith", code="document")
    return body


def _entries(
    body: Mapping[str, Any], path: str | Path | None
) -> Sequence[Mapping[str, Any]]:
    try:
        return partsmith.tables(body)
    except ValueError as error:
        raise ConfigError(
            f"{path} is no document of pg-partsmith: {error}", code="document"
        ) from error


def selected(
    proposals: Sequence[Proposal], tables: Sequence[str | Name]
) -> Sequence[Proposal]:
    """Return the proposals for some tables.

    :raises ConfigError: the other one does not have a table.
    """
    if not tables:
        return proposals
    chosen = []
    for wanted in map(parsed, tables):
        same = [
            one
            for one in proposals
            if one.table.relation == wanted.relation
            and wanted.schema in {None, one.table.schema}
        ]
        if not same:
            listed = ", ".join(str(one.table) for one in proposals) or "none"
            raise ConfigError(
                f"the other one does not have the table {wanted}",
                hint=f"it has: {listed}",
                code="unknown-table",
            )
        chosen += same
    return chosen


def in_zone(proposal: Proposal, timezone: str) -> Proposal:
    """Return a proposal whose periods begin by the calendar of a zone."""
    by_number = isinstance(proposal.settings.get("partition_interval"), int)
    if by_number or proposal.obstacle:
        return proposal
    return evolve(proposal, settings={**proposal.settings, "timezone": timezone})
