"""Which plugins take part in one engine, and what they offer it.

A plugin that does not load, or offers what it should not, is left out and
remembered as a failure.  Reading and creating go on without it; what destroys must
not, as the plugin that failed may be the one that archives what retention is about
to drop.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import pluggy

from partman_core import hookspecs
from partman_core.errors import PluginError
from partman_core.plugins import discovery, offers
from partman_core.plugins.calling import finding, outcome_of
from partman_core.plugins.discovery import Failure, PluginInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from importlib.metadata import EntryPoint

    from partman_core.keys import Codec
    from partman_core.model import Section, Table
    from partman_core.plan import Finding
    from partman_core.plugins.discovery import Candidate

GUARDING = ("partman_retire", "partman_pre_detach", "partman_pre_drop")
"""The hooks by which a plugin has a say in what is destroyed."""


class Roster:
    """The plugins that take part, those left out, and those that are broken.

    :param plugins: more of them: objects, modules, or dotted names of modules.
    :param without: names of plugins that are left out.
    :param installed: entry points; None: all installed ones.
    :raises PluginError: *without* has a name that is a slip of another.
    """

    def __init__(
        self,
        plugins: Sequence[object] = (),
        without: Sequence[str] = (),
        *,
        installed: Iterable[EntryPoint] | None = None,
    ) -> None:
        self.without = tuple(without)
        self.failures: tuple[Failure, ...] = ()
        self._manager = pluggy.PluginManager("partman")
        self._manager.add_hookspecs(hookspecs)
        self._offers = offers.Offers()
        self._known: dict[str, Candidate] = {}
        for candidate in discovery.candidates(plugins, installed):
            self._take(candidate)
        self._refuse_slips()

    def _take(self, candidate: Candidate) -> None:
        """Load and register one plugin, or remember why that failed."""
        if candidate.name in self.without:
            self._known.setdefault(candidate.name, candidate)
            return
        try:
            plugin = candidate.load()
            if self._manager.is_registered(plugin):
                return
            self._register(candidate, plugin)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is
            self.failures += (discovery.broken(candidate, error),)
            if self._known.get(candidate.name) is candidate:
                del self._known[candidate.name]
                self._manager.unregister(name=candidate.name)

    def _register(self, candidate: Candidate, plugin: object) -> None:
        if other := self._known.get(candidate.name):
            raise PluginError(
                f"two plugins have this name: {other.source} and {candidate.source}"
            )
        if isinstance(plugin, type):
            raise PluginError("it is a class", hint="hand over an instance of it")
        self._known[candidate.name] = candidate
        self._manager.register(plugin, name=candidate.name)
        discovery.check_hooks(plugin, self._manager, hookspecs)
        offered = {
            hook: outcome_of(implementation, {})
            for hook in offers.OFFERING
            for implementation in self._implementations(hook)
            if implementation.plugin is plugin
        }
        self._offers = offers.merged(self._offers, candidate.name, offered)

    def _refuse_slips(self) -> None:
        """Refuse names in ``without`` that are misspelt.

        A name like no other may be that of a plugin which is missing here and
        which a table asks for; :meth:`check_without` tells.
        """
        known = {*self._known, *(failure.name for failure in self.failures)}
        for name in self.without:
            if name not in known and get_close_matches(name, known, n=1, cutoff=0.7):
                raise self._no_such(name, known)

    def check_without(self, required: Iterable[str] = ()) -> None:
        """Refuse names in ``without`` that nobody knows.

        :param required: the plugins that the tables ask for.
        :raises PluginError: a name is neither a plugin's here nor asked for.
        """
        known = {*self._known, *(failure.name for failure in self.failures), *required}
        for name in self.without:
            if name not in known:
                raise self._no_such(name, known)

    def _no_such(self, name: str, known: Iterable[str]) -> PluginError:
        near = get_close_matches(name, sorted(known), n=1)
        guess = f"; did you mean {near[0]!r}?" if near else ""
        return PluginError(
            f"there is no plugin {name!r} to leave out{guess}",
            hint="`partman plugins` lists them",
            code="unknown-plugin",
        )

    @property
    def active(self) -> tuple[str, ...]:
        """The names of the plugins that take part, in the order of registration."""
        return tuple(name for name in self._known if self._manager.has_plugin(name))

    def listed(self) -> list[PluginInfo]:
        """Return all plugins: those that take part, those left out, those broken."""
        infos = [self._info(candidate) for candidate in self._known.values()]
        return infos + [
            PluginInfo(
                name=failure.name,
                version=failure.version,
                source=failure.source,
                failure=failure.error.message,
            )
            for failure in self.failures
        ]

    def _info(self, candidate: Candidate) -> PluginInfo:
        plugin = self._manager.get_plugin(candidate.name)
        callers = self._manager.get_hookcallers(plugin) if plugin is not None else None
        return PluginInfo(
            name=candidate.name,
            version=candidate.version,
            source=candidate.source,
            hooks=tuple(sorted(caller.name for caller in callers or ())),
            left_out=plugin is None,
        )

    def strategies(self) -> Mapping[str, type[Any]]:
        """Return the strategy classes by their ``kind``."""
        return self._offers.strategies

    def codecs(self) -> Mapping[str, Codec]:
        """Return the codecs by name, those of the core included."""
        return self._offers.codecs

    def sections(self) -> Mapping[str, Section]:
        """Return the sections of a table's settings by name."""
        return self._offers.sections

    def owner(self, what: str, name: str) -> str | None:
        """Return the plugin that offers something, ``partman`` for the core.

        :param what: ``strategy``, ``codec`` or ``section``.
        """
        return self._offers.owners.get((what, name))

    def has(self, hook: str) -> bool:
        """Say whether any plugin takes part in *hook*."""
        return bool(self._implementations(hook))

    def guards(self, table: Table) -> tuple[str, ...]:
        """Return the plugins without which nothing of *table* may be destroyed.

        They own a section of its settings, or have a say in what is destroyed.
        Built-in plugins are always there and not named.
        """
        names = {self.owner("section", name) for name in table.sections}
        for hook in GUARDING:
            names.update(each.plugin_name for each in self._implementations(hook))
        return tuple(
            name
            for name in self.active
            if name in names and not self._known[name].builtin
        )

    def missing(self, table: Table) -> tuple[str, ...]:
        """Return the plugins that *table* asks for and that do not take part.

        Those that were left out on request are not missed.
        """
        there = {*self.active, *self.without}
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

    def _implementations(self, hook: str) -> list[Any]:
        """Return who takes part in *hook*, in calling order."""
        caller: pluggy.HookCaller = getattr(self._manager.hook, hook)
        return caller.get_hookimpls()[::-1]


_LIMIT = "nothing of this table is detached or dropped"


def _missed(name: str) -> PluginError:
    return PluginError(
        f"plugin {name!r}, which this table asks for, is missing",
        hint=f"install it, register the table without it, or say --without {name}",
        code="plugin-missing",
    )
