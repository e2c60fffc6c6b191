"""Which partition is meant by the name that a user writes."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Protocol, TypeVar

from partman_core.errors import ConfigError
from partman_core.naming import Name, as_typed, fold
from partman_core.pg import holds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from partman_core.engine.opening import Session
    from partman_core.pg.holds import Candidate
    from partman_core.planner.returning import Binned


class Named(Protocol):
    """Whatever has a name."""

    @property
    def name(self) -> Name:
        """With its schema."""


N = TypeVar("N", bound=Named)


def in_bin(opened: Session, schema: str, wanted: Name) -> tuple[Binned, Name]:
    """Return what in the bin is meant, and the table that it can come back to.

    :param schema: where our own tables are.
    :raises ConfigError: nothing is, or it cannot.
    """
    contents = holds.contents(opened.conn, schema) if opened.registered else []
    found = _chosen(contents, wanted)
    if found is None:
        raise _not_in_bin(opened, schema, wanted, contents)
    if found.table is None:
        raise ConfigError(
            f"the table that {found.name} was in is gone: it has nowhere to go",
            hint=f"it is a table of its own; ALTER TABLE {found.name} RENAME TO ..., "
            "or drop it",
            code="table-gone",
        )
    if not found.managed:
        raise ConfigError(
            f"{found.table}, which {found.name} was in, is no longer managed",
            hint=f"`partman register {as_typed(found.table)}` manages it again",
            code="not-managed",
        )
    return found, found.table


def partition(opened: Session, schema: str, wanted: Name) -> Candidate:
    """Return which partition is meant, in its table or in the bin.

    :param schema: where our own tables are.
    :raises ConfigError: none is called so, or several are.
    """
    known = holds.candidates(opened.conn, schema) if opened.registered else []
    found = _chosen(known, wanted)
    if found is None:
        raise ConfigError(
            f"no managed table has a partition {wanted}, and the bin has none",
            hint=_meant([one.name for one in known], wanted)
            or "`partman partitions TABLE` and `partman bin` list them",
            code="unknown-partition",
        )
    return found


def _chosen(known: Iterable[N], wanted: Name) -> N | None:
    found = [
        one
        for one in known
        if one.name.relation == wanted.relation
        and wanted.schema in {None, one.name.schema}
    ]
    if len(found) > 1:
        listed = ", ".join(str(one.name) for one in found)
        raise ConfigError(
            f"{wanted} is ambiguous: {listed}",
            hint="name its schema",
            code="ambiguous-partition",
        )
    return found[0] if found else None


def _not_in_bin(
    opened: Session, schema: str, wanted: Name, contents: Sequence[Binned]
) -> ConfigError:
    known = holds.candidates(opened.conn, schema) if opened.registered else []
    found = _chosen(known, wanted)
    if found is not None and not found.in_bin:
        return ConfigError(
            f"{found.name} is in {found.table}, not in the bin",
            hint="there is nothing to bring back",
            code="not-in-bin",
        )
    hint = _meant([one.name for one in contents], wanted)
    if not hint:
        hint = "`partman bin` lists what there is" if contents else "the bin is empty"
    return ConfigError(f"{wanted} is not in the bin", hint=hint, code="not-in-bin")


def _meant(names: Sequence[Name], wanted: Name) -> str:
    """Ask for the partition whose name is most like *wanted*, if there is one."""
    for name in names:
        if fold(name.relation) == fold(wanted.relation):
            return f"did you mean {name}?"
    known = {
        str(name if wanted.schema else Name(None, name.relation)): name
        for name in names
    }
    close = get_close_matches(str(wanted), known, n=1)
    return f"did you mean {known[close[0]]}?" if close else ""
