"""Which managed table is meant by the name that a user writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partman_core.errors import ConfigError
from partman_core.naming import Name, as_typed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partman_core.pg.registry import Declared


def parsed(name: str | Name) -> Name:
    """Read a table's name as a user writes it.

    :raises ConfigError: it is none.
    """
    try:
        return Name.parse(name) if isinstance(name, str) else name
    except ValueError as error:
        raise ConfigError(str(error), code="bad-name") from error


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
        hint=f"`partman register {as_typed(wanted)}` manages it; "
        "`partman tables` lists those that are",
        code="not-managed",
    )


def named(declared: Sequence[Declared], name: str) -> Name:
    """Return which table is meant, be it managed or known to the history only.

    :raises ConfigError: none is managed by that name, and it names no schema.
    """
    try:
        return pick(declared, name).name
    except ConfigError:
        written = parsed(name)
        if written.schema is None:
            raise
        return written
