"""What an engine is told about tables: registered, forgotten, taken over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from partman_core import config
from partman_core.engine.adoption import Wish, take_over
from partman_core.engine.core import Core
from partman_core.engine.registration import Registrar, Registration
from partman_core.engine.syncing import Sync, synced
from partman_core.model import Table
from partman_core.naming import Name

if TYPE_CHECKING:
    from partman_core.adopt import Adoption
    from partman_core.engine.opening import Session


class Declaring(Core):
    """The declarations that an engine takes."""

    def _registrar(self, opened: Session) -> Registrar:
        return Registrar(opened=opened, schema=self.schema, plugins=self.plugins)

    def register(
        self,
        table: str | Name | Table,
        *,
        confirm: bool = False,
        dry_run: bool = False,
        **settings: Any,
    ) -> Registration:
        """Declare what is wanted of a table: a full declaration, each time.

        What is not named takes its default, and stands in the difference.

        :param table: its name as SQL writes it, or a ready :class:`Table`.
        :param confirm: also where it retires more than before.
        :param dry_run: check and plan, and write nothing at all.
        :param settings: the keys of a settings file.
        :raises ConfigError: it cannot work; nothing is written then.
        """
        name: str | Name = table.name if isinstance(table, Table) else table
        if isinstance(table, Table):
            settings = {**config.unstructure(table, self.plugins), **settings}
        with self._opener.session() as opened:
            return self._registrar(opened).register(
                name, settings, confirm=confirm, dry_run=dry_run
            )

    def unregister(self, table: str | Name) -> Registration:
        """Forget a table; its partitions and their rows stay as they are.

        :raises ConfigError: it is not managed.
        """
        with self._opener.session() as opened:
            registrar = self._registrar(opened)
            return registrar.unregister(registrar.managed(table))

    def sync(
        self,
        path: str | Path,
        *,
        prune: bool = False,
        confirm: bool = False,
        dry_run: bool = False,
    ) -> Sync:
        """Write a settings file's tables into the registry.

        :param prune: unregister the tables that left the file.
        :param confirm: also where a table retires more than before.
        :param dry_run: show the difference, and write nothing.
        :raises ConfigError: the file has mistakes; all of them are named.
        """
        found, _ = config.read_tables(Path(path), self.plugins)
        with self._opener.session() as opened:
            return synced(
                self._registrar(opened), found.tables,
                prune=prune, confirm=confirm, dry_run=dry_run,
            )  # fmt: skip

    def import_existing_partitions(
        self,
        table: str | Name,
        dry_run: bool = False,
        *,
        confirm: bool = False,
        any_size: bool = False,
    ) -> Adoption:
        """Take the existing partitions that fit the grid under management.

        From then on retention applies to them.  The others are reported with the
        reason and stay as they are.

        :param dry_run: only say which.
        :param confirm: also those that are no longer kept, which the next run then
            retires; without it they are reported as the backlog, and stay.
        :param any_size: also those off the grid that have two ends, so that their age
            can be told.
        """
        wish = Wish(dry_run=dry_run, agreed=confirm, any_size=any_size)
        with self._opener.session() as opened:
            return take_over(opened, self._surveyor(), str(table), wish)
