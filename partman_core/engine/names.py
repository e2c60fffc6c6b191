"""Which managed table is meant by the name that a user writes."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from partman_core.errors import ConfigError
from partman_core.naming import Name, as_typed
from partman_core.pg.registry import history

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partman_core.engine.opening import Session
    from partman_core.pg.registry import Declared


def parsed(name: str | Name) -> Name:
    """Read a table's name as a user writes it.

    :raises ConfigError: it is none.
    """
    try:
        return Name.parse(name) if isinstance(name, str) else name
    except ValueError as error:
        told = getattr(error, "__notes__", ())
        notes = [note.removeprefix("hint: ") for note in told]
        raise ConfigError(
            str(error), hint="; ".join(notes) or None, code="bad-name"
        ) from error


def pick(declared: Sequence[Declared], name: str | Name) -> Declared:
    """Return the managed table that a user means.

    :raises ConfigError: none is called so, or several are.
    """
    wanted = parsed(name)
    found = [
        one
        for one in declared
        if one.name.relation == wanted.relation
        and wanted.schema in {None, one.name.schema}
    ]
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(str(one.name) for one in found)
        raise ConfigError(
            f"{wanted} is ambiguous: {listed}",
            hint="name its schema",
            code="ambiguous-table",
        )
    raise ConfigError(
        f"{wanted} is not managed by partman",
        hint=f"{_meant(declared, wanted)}`partman register {as_typed(wanted)}` "
        "manages it; `partman tables` lists those that are",
        code="not-managed",
    )


def _meant(declared: Sequence[Declared], wanted: Name) -> str:
    """Ask for the managed table whose name is most like *wanted*, if there is one."""
    names = [one.name for one in declared]
    elsewhere = [name for name in names if name.relation == wanted.relation]
    known = {
        str(name if wanted.schema else Name(None, name.relation)): name
        for name in names
    }
    close = [known[near] for near in get_close_matches(str(wanted), known, n=1)]
    found = elsewhere or close
    return f"did you mean {found[0]}? " if found else ""


def remembered(
    opened: Session, schema: str, declared: Sequence[Declared], names: Sequence[str]
) -> list[Name]:
    """Return which tables are meant, be they managed or known to the history only.

    :param schema: where our own tables are.
    :param names: as users write them; a table that was let go of needs its schema.
    :raises ConfigError: one is neither.
    """
    return [_remembered(opened, schema, declared, name) for name in names]


def _remembered(
    opened: Session, schema: str, declared: Sequence[Declared], name: str
) -> Name:
    try:
        return pick(declared, name).name
    except ConfigError as error:
        written = parsed(name)
        if error.code != "not-managed":
            raise
        if written.schema is None:
            raise ConfigError(
                error.message,
                hint=f"{error.hint}; one that was let go of needs its schema here",
                code=error.code,
            ) from error
        if opened.registered and history(opened.conn, schema, [written], 1):
            return written
        raise
