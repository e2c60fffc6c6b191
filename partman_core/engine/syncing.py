"""A settings file becomes what the registry has: table by table, each by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from partman_core.engine.names import parsed
from partman_core.errors import ConfigError, PartmanError, gravest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from partman_core.engine.registration import Registrar, Registration
    from partman_core.naming import Name


@frozen(kw_only=True)
class Sync:
    """What a settings file changed.

    :param removed: tables that left the file and are no longer managed.
    :param left: tables that left the file and are still managed.
    :param errors: by table, why it could not be registered.
    """

    registrations: tuple[Registration, ...] = ()
    removed: tuple[Name, ...] = ()
    left: tuple[Name, ...] = ()
    errors: Mapping[str, PartmanError] = field(factory=dict)

    @property
    def exit_code(self) -> int:
        """The gravest of the errors."""
        return gravest(error.exit_code for error in self.errors.values())


def synced(
    registrar: Registrar,
    tables: Iterable[tuple[str, Mapping[str, Any], str]],
    *,
    prune: bool,
    confirm: bool,
    dry_run: bool,
) -> Sync:
    """Write a settings file's tables into the registry.

    :param tables: name, settings, and where they stand in the file.
    :param prune: unregister the tables of origin ``file`` that left it.
    :param confirm: also where a table retires more than before.
    """
    before = [one for one in registrar.managed_tables() if one.origin == "file"]
    done: list[Registration] = []
    errors: dict[str, PartmanError] = {}
    for name, settings, where in tables:
        try:
            table = _only_once(registrar, done, name, where)
            registered = registrar.register(
                table, settings,
                confirm=confirm, dry_run=dry_run, origin="file", where=where,
            )  # fmt: skip
            done.append(registered)
        except PartmanError as error:
            errors[name] = error
    kept = [*(one.table for one in done), *filter(None, map(_named, errors))]
    gone = [one for one in before if not _is_among(one.name, kept)]
    names = tuple(one.name for one in gone)
    pruned = prune and not errors
    if pruned:
        for one in gone:
            registrar.unregister(one, dry_run=dry_run)
    return Sync(
        registrations=tuple(done),
        removed=names if pruned else (),
        left=() if pruned else names,
        errors=errors,
    )


def _only_once(
    registrar: Registrar, done: Iterable[Registration], name: str, where: str
) -> Name:
    """Return the table that an entry is about, unless another one was about it."""
    table = registrar.tree(parsed(name)).name
    if any(one.table == table for one in done):
        raise ConfigError(
            f"{name} is {table}, which the file declares already @ {where}",
            hint="one entry for each table",
            code="declared-twice",
        )
    return table


def _named(name: str) -> Name | None:
    try:
        return parsed(name)
    except ConfigError:
        return None


def _is_among(name: Name, written: Iterable[Name]) -> bool:
    """Say whether *name* is one of those that a user wrote, with or without schema."""
    return any(
        each.relation == name.relation and each.schema in {None, name.schema}
        for each in written
    )
