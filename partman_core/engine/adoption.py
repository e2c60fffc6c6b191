"""Adoption: partitions that somebody else made become partman's, where they fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partman_core import adopt
from partman_core.errors import Claimed, ConfigError
from partman_core.pg import facts
from partman_core.pg.claims import claim
from partman_core.pg.records import Records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partman_core.adopt import Adoption
    from partman_core.engine.opening import Session
    from partman_core.engine.survey import Surveyor
    from partman_core.model import Partition


def take_over(
    opened: Session, surveyor: Surveyor, table: str, *, dry_run: bool
) -> Adoption:
    """Take the existing partitions of a table that fit its grid.

    :param dry_run: only say which.
    :raises Claimed: another engine is at work on the table.
    """
    if dry_run:
        return _look(opened, surveyor, table)
    opened.require_writable()
    (declared,) = surveyor.declared(opened, (table,))
    with claim(opened.conn, declared.oid) as ours:
        if not ours:
            raise Claimed(
                f"{declared.name}: another engine is at work on it",
                hint="run again in a moment",
            )
        found = _look(opened, surveyor, table)
        _record(opened, surveyor.schema, declared.oid, found.accepted)
        return found


def _look(opened: Session, surveyor: Surveyor, table: str) -> Adoption:
    (view,) = surveyor.look(opened, (table,))
    if view.error:
        raise view.error
    if not (view.table and view.tree):
        raise ConfigError(f"{table} could not be looked at")
    return adopt.adoption(view.table, view.tree, view.codec, opened.now)


def _record(
    opened: Session, schema: str, parent: int, partitions: Sequence[Partition]
) -> None:
    """Write them down, with their bounds as the catalog has them."""
    places = facts.places(opened.conn, [part.oid for part in partitions])
    if places:
        records = Records(schema=schema, run=None, now=opened.now)
        bounds = [place.bounds for place in places.values()]
        opened.conn.execute(records.adopted(list(places), parent, bounds))
