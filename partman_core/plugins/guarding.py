"""What may not be destroyed, for want of a plugin.

Reading and creating go on without a plugin that is broken or missing; what destroys
must not, as it may be the one that archives what retention is about to drop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from partman_core.errors import PluginError
from partman_core.plugins.calling import finding
from partman_core.plugins.roster import Roster

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partman_core.model import Table
    from partman_core.plan import Finding

GUARDING = ("partman_retire", "partman_pre_detach", "partman_pre_drop")
"""The hooks by which a plugin has a say in what is destroyed."""


class Guarding(Roster):
    """The plugins of one engine, and what they keep from being destroyed."""

    def guards(self, table: Table, before: Iterable[str] = ()) -> tuple[str, ...]:
        """Return the plugins without which nothing of *table* may be destroyed.

        They own a section of its settings, or have a say in what is destroyed.
        Built-in plugins are always there and not named.

        :param before: those that it asked for until now; one that is broken has lost
            its voice for a while, not its say.
        """
        names = {self.owner("section", name) for name in table.sections}
        for hook in GUARDING:
            names.update(each.plugin_name for each in self._implementations(hook))
        silent = {failure.name for failure in self.failures} - {*self.active}
        return (
            *(
                name
                for name in self.active
                if name in names and not self._known[name].builtin
            ),
            *(name for name in before if name in silent),
        )

    def missing(self, table: Table) -> tuple[str, ...]:
        """Return the plugins that *table* asks for and that do not take part.

        Those that were left out on request are not missed.
        """
        there = {*self.active, *self.without, *(each.name for each in self._aside)}
        return tuple(name for name in table.requires if name not in there)

    def obstacles(self, table: Table) -> tuple[Finding, ...]:
        """Return why nothing of *table* may be destroyed now, if anything is.

        :returns: ``plugin-broken`` and ``plugin-missing``, errors both.
        """
        broken = {failure.name: failure.error for failure in self.failures}
        found = [("plugin-broken", error) for error in broken.values()]
        found += [
            ("plugin-missing", _missed(name))
            for name in self.missing(table)
            if name not in broken
        ]
        return tuple(finding(code, table, error, _LIMIT) for code, error in found)


_LIMIT = "nothing of this table is detached or dropped"


def _missed(name: str) -> PluginError:
    return PluginError(
        f"plugin {name!r}, which this table asks for, is missing",
        hint=f"install it, register the table without it, or say --without {name}",
        code="plugin-missing",
    )
