"""Taking over from another partition manager: shown first, then written.

Its own tables are only read.  Nothing is written while it still maintains, and what is
no longer kept is not adopted with the rest, so that the first run drops nothing that
nobody has seen.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from partman_core import config
from partman_core.engine.adoption import Wish, judged
from partman_core.engine.axes import axis
from partman_core.engine.declared import managed
from partman_core.engine.peers import find, in_zone, known, selected
from partman_core.engine.reading import Reading
from partman_core.engine.tenancy import Tenancy
from partman_core.errors import ConfigError, PartmanError
from partman_core.takeover import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from partman_core.adopt import Adoption
    from partman_core.engine.opening import Session
    from partman_core.engine.registration import Registration
    from partman_core.naming import Name
    from partman_core.plan import Plan
    from partman_core.takeover import Peer, Proposal


@frozen(kw_only=True)
class Taken:
    """What becomes, or would become, of one table of another partition manager.

    :param proposal: what partman would have of it.
    :param is_ours: partman manages it already, so that it is left as it is.
    :param registration: what was, or would be, written.
    :param adoption: which of its partitions become partman's.
    :param plan: what the next run would do with it; None: nothing was written.
    :param error: why it could not be taken over, or not wholly.
    """

    proposal: Proposal
    is_ours: bool = False
    registration: Registration | None = None
    adoption: Adoption | None = None
    plan: Plan | None = None
    error: PartmanError | None = None

    @property
    def table(self) -> Name:
        """The table's name."""
        return self.proposal.table

    @property
    def is_fit(self) -> bool:
        """Whether it can be taken over."""
        return not (self.is_ours or self.proposal.obstacle or self.error)


@frozen(kw_only=True)
class Takeover:
    """What was, or would be, taken over from another partition manager.

    :param schema: where that one keeps its tables; None: it keeps none.
    :param warnings: what a person has to know, and nobody can find out from here.
    """

    peer: Peer
    schema: str | None = None
    tables: tuple[Taken, ...] = ()
    warnings: tuple[str, ...] = ()
    dry_run: bool = False

    @property
    def busy(self) -> tuple[Proposal, ...]:
        """Those that the other one still maintains."""
        return tuple(
            one.proposal for one in self.tables if one.is_fit and one.proposal.busy
        )

    @property
    def fit(self) -> tuple[Taken, ...]:
        """Those that can be taken over."""
        return tuple(one for one in self.tables if one.is_fit)

    @property
    def exit_code(self) -> int:
        """4 where it would be refused, 3 where a table stays behind, else 0."""
        if self.dry_run and self.busy:
            return 4
        left = [one for one in self.tables if not (one.is_fit or one.is_ours)]
        return 3 if left else 0


class TakingOver(Reading, Tenancy):
    """How an engine takes over from others."""

    def migrate_from(  # noqa: PLR0913 - what is taken over, and how
        self,
        peer: str,
        *tables: str | Name,
        schema: str | None = None,
        document: str | Path | None = None,
        timezone: str | None = None,
        dry_run: bool = False,
        confirm: bool = False,
    ) -> Takeover:
        """Take over tables that another partition manager has maintained.

        Its settings are translated and written, and the partitions that it made become
        partman's, whatever their size, but for those that are no longer kept.

        :param peer: pg_partman, go_partman, gopartman or pg-partsmith.
        :param tables: some of its tables; none: all.
        :param schema: where it keeps its tables; None: it is looked for.
        :param document: of pg-partsmith, which keeps its settings in a file.
        :param timezone: in whose calendar its periods begin; None: UTC, or as it says.
        :param dry_run: only show what would be written.
        :param confirm: write it.
        :raises ConfigError: it is not there, it still maintains one of the tables, or
            nobody has confirmed; nothing is written then.
        """
        name = known(peer)
        with _beside(self._opener.session(), name) as opened:
            if not dry_run:
                opened.require_writable()
            found = find(opened.conn, name, schema=schema, document=document)
            wanted = selected(found.proposals, tables)
            if timezone is not None:
                wanted = [in_zone(one, timezone) for one in wanted]
            shown = Takeover(
                peer=name,
                schema=found.schema,
                tables=tuple(self._previewed(opened, one) for one in wanted),
                warnings=found.warnings,
                dry_run=dry_run,
            )
        if dry_run:
            return shown
        _refuse_busy(shown)
        _refuse_unconfirmed(shown, confirm=confirm)
        done = tuple(self._taken(one) if one.is_fit else one for one in shown.tables)
        return evolve(shown, tables=done)

    def _previewed(self, opened: Session, proposal: Proposal) -> Taken:
        """Check a proposal whole, and say what would be written.

        A table that is managed already is left as it is, unless it is by this very
        proposal, and somebody was cut short.
        """
        ours = managed(opened, self.schema, self.plugins)
        before = next((one for one in ours if one.name == proposal.table), None)
        if before is None:
            proposal = served(proposal, self.plugins.strategies())
        if proposal.obstacle:
            return Taken(proposal=proposal, is_ours=before is not None)
        try:
            registration = self._registrar(opened).register(
                proposal.table, proposal.settings, confirm=True, dry_run=True
            )
            adoption, note = self._adoption(opened, proposal)
        except PartmanError as error:
            if before is not None:
                return Taken(proposal=proposal, is_ours=True)
            return Taken(proposal=proposal, error=error)
        if before is not None:
            lacking = adoption.accepted or proposal.tenants.keys() - before.tenants
            if registration.changes or not lacking:
                return Taken(proposal=proposal, is_ours=True)
        notes = (*proposal.notes, *([note] if note else []))
        return Taken(
            proposal=evolve(proposal, notes=notes),
            registration=registration,
            adoption=adoption,
        )

    def _adoption(
        self, opened: Session, proposal: Proposal
    ) -> tuple[Adoption, str | None]:
        """Say which partitions would be adopted, and whether they lie on the grid."""
        tree = self._registrar(opened).tree(proposal.table)
        tree = evolve(tree, tenants=tuple(proposal.tenants))
        table = config.structure(
            proposal.settings, tree.name, self.plugins, parent_type=tree.key.method
        )
        codec = axis(table, tree, self.plugins)
        strict, loose = (
            judged(
                table, tree, codec, opened.now, plugins=self.plugins,
                wish=Wish(dry_run=True, any_size=any_size),
            )
            for any_size in (False, True)
        )  # fmt: skip
        odd = len(strict.refused) - len(loose.refused)
        return loose, _off_grid(odd, proposal) if odd else None

    def _taken(self, shown: Taken) -> Taken:
        """Write one table down, and adopt its partitions."""
        proposal, done = shown.proposal, shown
        try:
            registration = self.register(
                proposal.table, confirm=True, **proposal.settings
            )
            done = evolve(done, registration=registration)
            if proposal.tenants:
                self.register_tenants(proposal.table, proposal.tenants, confirm=True)
            adoption = self.import_existing_partitions(proposal.table, any_size=True)
            plan = self.plan(str(proposal.table))
        except PartmanError as error:
            return evolve(done, adoption=None, error=error)
        return evolve(done, adoption=adoption, plan=plan)


@contextmanager
def _beside(session: AbstractContextManager[Session], peer: Peer) -> Iterator[Session]:
    """Open a session where our schema may be the other one's.

    :raises ConfigError: it is, with the way out.
    """
    try:
        with session as opened:
            yield opened
    except ConfigError as error:
        if error.code != "schema-taken":
            raise
        raise ConfigError(
            error.message,
            hint="what is there stays as it is; give partman another schema: "
            f"`partman --schema partman_registry migrate-from {peer}`, and the same "
            'from then on (schema = "partman_registry" in the settings file)',
            code=error.code,
        ) from error


def _off_grid(number: int, proposal: Proposal) -> str:
    one = number == 1
    return (
        f"{number} of its partitions {'does' if one else 'do'} not lie on the "
        f"{proposal.grid}: {'it becomes' if one else 'they become'} partman's as "
        f"{'it is' if one else 'they are'}, and new ones follow the grid; if it was in "
        "another zone that they were made, say which (--timezone)"
    )


def _refuse_busy(shown: Takeover) -> None:
    """Refuse to begin while the other one still maintains.

    :raises ConfigError: it does, code ``still-maintained``.
    """
    if not shown.busy:
        return
    sentences = tuple(
        f"{one.table}: {shown.peer} still maintains it: {one.busy}"
        for one in shown.busy
    )
    ways = dict.fromkeys(one.stop for one in shown.busy if one.stop)
    raise ConfigError(
        sentences[0],
        hint="\n".join(ways) or None,
        code="still-maintained",
        mistakes=sentences,
    )


def _refuse_unconfirmed(shown: Takeover, *, confirm: bool) -> None:
    """Ask for a word before anything is written.

    :raises ConfigError: it is missing, code ``needs-confirmation``.
    """
    if confirm or not shown.fit:
        return
    number = len(shown.fit)
    tables = "1 table" if number == 1 else f"{number} tables"
    warnings = "".join(f"; {warning}" for warning in shown.warnings)
    raise ConfigError(
        f"{tables} would be taken over from {shown.peer}{warnings}",
        hint="look at it with --dry-run, then say so: confirm=True, or --yes on the "
        "command line",
        code="needs-confirmation",
    )
