"""Registration: what is wanted of a table is checked whole, then written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from partman_core import config
from partman_core.engine.survey import Surveyor, axis, pick, typed
from partman_core.errors import ConfigError, PartmanError, gravest
from partman_core.naming import Name
from partman_core.pg import catalog, registry, session
from partman_core.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from partman_core.config import Change
    from partman_core.engine.opening import Session
    from partman_core.keys import Key
    from partman_core.model import Origin, Table, Tree
    from partman_core.pg.registry import Declared
    from partman_core.plugins import Plugins


@frozen(kw_only=True)
class Registration:
    """What registering, or unregistering, a table changed.

    :param created: whether it was not managed before.
    :param changes: setting by setting.
    :param plan: what maintenance would do with it now.
    :param dry_run: whether nothing was written.
    """

    table: Name
    created: bool
    changes: tuple[Change, ...]
    plan: Plan
    dry_run: bool = False


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


@frozen(kw_only=True)
class Registrar:
    """How tables are registered in one session."""

    opened: Session
    schema: str
    plugins: Plugins

    def register(
        self,
        name: str | Name,
        settings: Mapping[str, Any],
        *,
        confirm: bool,
        dry_run: bool,
        origin: Origin = "api",
        where: str = "",
    ) -> Registration:
        """Check a declaration whole, and write it down.

        :param confirm: also where it retires more than before.
        :raises ConfigError: it cannot work, or has to be confirmed; nothing is
            written then.
        """
        if not dry_run:
            session.require_writable(self.opened.server)
        oid = catalog.resolve(self.opened.conn, _parsed(name))
        tree = self._tree(oid)
        before = self._before(oid)
        self._check_origin(before, origin, tree.name)
        table = config.structure(
            settings, tree.name, self.plugins, where=where, origin=origin,
            paused=before.paused if before else False,
        )  # fmt: skip
        table = evolve(table, requires=self.plugins.guards(table))
        self.check(table, tree)
        self._check_consent(before, table, confirm=confirm or dry_run)
        if not dry_run:
            self._write(oid, table)
        return self._result(before, table, tree, dry_run=dry_run)

    def unregister(self, declared: Declared, *, dry_run: bool = False) -> Registration:
        """Forget a table; its partitions stay as they are."""
        if not dry_run:
            session.require_writable(self.opened.server)
            registry.remove(self.opened.conn, self.schema, declared.oid)
        return Registration(
            table=declared.name,
            created=False,
            changes=config.difference(declared.settings, {}),
            plan=Plan(now=self.opened.now),
            dry_run=dry_run,
        )

    def _tree(self, oid: int) -> Tree:
        schema = self.schema if self.opened.registered else None
        return catalog.trees(self.opened.conn, schema, [oid])[oid]

    def _before(self, oid: int) -> Declared | None:
        if not self.opened.registered:
            return None
        found = registry.declared(self.opened.conn, self.schema)
        return next((one for one in found if one.oid == oid), None)

    def _check_origin(
        self, before: Declared | None, origin: Origin, name: Name
    ) -> None:
        if before is not None and before.origin == "file" and origin == "api":
            raise ConfigError(
                f"{name} is declared by a settings file",
                hint="change it there and run `partman sync`, or unregister it first",
                code="declared-by-file",
            )

    def check(self, table: Table, tree: Tree) -> None:
        """Refuse what cannot work, all of it at once.

        :raises ConfigError: a sentence for each mistake.
        """
        mistakes = [*_key_mistakes(table, tree.key)]
        if not mistakes:
            codec = axis(table, tree, self.plugins)
            mistakes += table.strategy.problems(tree.key, codec)
        if mistakes:
            sentences = tuple(f"{table.name}: {mistake}" for mistake in mistakes)
            raise ConfigError(sentences[0], mistakes=sentences, code="cannot-work")

    def _check_consent(
        self, before: Declared | None, table: Table, *, confirm: bool
    ) -> None:
        """Ask for a word more where more is retired than before."""
        known = None
        if before is not None:
            try:
                known = typed(before, self.plugins)
            except PartmanError:
                known = None
        if before is None or confirm:
            return
        if why := config.tightens(known, table):
            raise ConfigError(
                f"{table.name}: {why}",
                hint="say so once more: confirm=True, or --yes on the command line",
                code="needs-confirmation",
            )

    def _write(self, oid: int, table: Table) -> None:
        registry.ensure(self.opened.conn, self.schema)
        registry.save(
            self.opened.conn,
            self.schema,
            oid,
            table.name,
            table.settings,
            origin=table.origin,
            requires=table.requires,
            paused=table.paused,
            now=self.opened.now,
        )

    def _result(
        self, before: Declared | None, table: Table, tree: Tree, *, dry_run: bool
    ) -> Registration:
        surveyor = Surveyor(schema=self.schema, plugins=self.plugins)
        codec = axis(table, tree, self.plugins)
        part = surveyor.plan(table, tree, codec, self.opened.now)
        return Registration(
            table=table.name,
            created=before is None,
            changes=config.difference(
                before.settings if before else None, table.settings
            ),
            plan=Plan(now=self.opened.now, tables=(part,)),
            dry_run=dry_run,
        )

    def sync(
        self,
        tables: Iterable[tuple[str, Mapping[str, Any], str]],
        *,
        prune: bool,
        confirm: bool,
        dry_run: bool,
    ) -> Sync:
        """Write a settings file's tables into the registry.

        :param tables: name, settings, and where they stand in the file.
        :param prune: unregister the tables of origin ``file`` that left it.
        """
        done: list[Registration] = []
        errors: dict[str, PartmanError] = {}
        for name, settings, where in tables:
            try:
                done.append(
                    self.register(
                        name,
                        settings,
                        confirm=confirm,
                        dry_run=dry_run,
                        origin="file",
                        where=where,
                    )
                )
            except PartmanError as error:
                errors[name] = error
        kept = {str(one.table) for one in done} | {
            str(_parsed(name)) for name in errors
        }
        gone = [one for one in self._of_files() if str(one.name) not in kept]
        if prune and not errors:
            for one in gone:
                self.unregister(one, dry_run=dry_run)
        names = tuple(one.name for one in gone)
        pruned = prune and not errors
        return Sync(
            registrations=tuple(done),
            removed=names if pruned else (),
            left=() if pruned else names,
            errors=errors,
        )

    def _of_files(self) -> list[Declared]:
        if not self.opened.registered:
            return []
        found = registry.declared(self.opened.conn, self.schema)
        return [one for one in found if one.origin == "file"]

    def managed(self, name: str | Name) -> Declared:
        """Return the managed table that a user means."""
        found: list[Declared] = []
        if self.opened.registered:
            found = registry.declared(self.opened.conn, self.schema)
        return pick(found, name)


def _parsed(name: str | Name) -> Name:
    try:
        return Name.parse(name) if isinstance(name, str) else name
    except ValueError as error:
        raise ConfigError(str(error), code="bad-name") from error


def _key_mistakes(table: Table, key: Key) -> Iterable[str]:
    """Say how the declared key differs from the table's own."""
    if (kind := table.strategy.kind) != key.method and kind in {
        "range",
        "list",
        "hash",
    }:
        yield (
            f"it is partitioned by {key}, not by {kind}; leave partition_type out, or "
            f'set it to "{key.method}"'
        )
    if table.partition_by is None:
        return
    declared = [Name.parse(part).relation for part in _columns(table.partition_by)]
    actual = [column.name or column.expression or "" for column in key.columns]
    if declared != actual:
        yield (
            f"it is partitioned by {key}, not by ({table.partition_by}); set "
            f'partition_by to "{", ".join(actual)}", or leave it out'
        )


def _columns(text: str) -> list[str]:
    return [part.strip() for part in text.strip().strip("()").split(",")]
