"""Which plugins take part in one engine, and what they offer it.

A plugin that does not load, or offers what it should not, is left out and
remembered as a failure: :mod:`partman_core.plugins.guarding` says what follows.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import pluggy

from partman_core import hookspecs
from partman_core.errors import PluginError
from partman_core.plan import Finding
from partman_core.plugins import blame, discovery, offers
from partman_core.plugins.calling import ONCE, failed, offer
from partman_core.plugins.discovery import Failure, PluginInfo
from partman_core.plugins.marks import check_hooks
from partman_core.plugins.needs import check_plugin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from importlib.metadata import EntryPoint

    from partman_core.keys import Codec
    from partman_core.model import Section
    from partman_core.plugins.discovery import Candidate


class Roster:
    """The plugins that take part, those left out, and those that are broken.

    :param plugins: more of them: objects, modules, or dotted names of modules.
    :param without: names of plugins that are left out, or of distributions: all of one
        is left out then.
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
        self._offered: dict[str, tuple[offers.Offer, ...]] = {}
        self._given: dict[tuple[str, str], Any] = {}
        self._stopped: dict[str, Failure] = {}
        self._remarks: dict[tuple[str, str], PluginError] = {}
        self._known: dict[str, Candidate] = {}
        self._aside: list[Candidate] = []
        self._homes: dict[str, str] = {}
        self._installed = installed is None
        for candidate in discovery.candidates(plugins, installed):
            self._take(candidate)
        self._settle_offers()
        self._refuse_slips()

    def _take(self, candidate: Candidate) -> None:
        """Load and register one plugin, or remember why that failed."""
        if not {candidate.name, candidate.distribution}.isdisjoint(self.without):
            self._aside.append(candidate)
            return
        try:
            plugin = candidate.load()
            if self._manager.is_registered(plugin):
                return
            self._register(candidate, plugin)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is
            self._leave_out(candidate, error)

    def _leave_out(self, candidate: Candidate, error: BaseException) -> None:
        self.failures += (discovery.broken(candidate, error),)
        if self._known.get(candidate.name) is candidate:
            del self._known[candidate.name]
            self._offered.pop(candidate.name, None)
            if self._manager.has_plugin(candidate.name):
                self._manager.unregister(name=candidate.name)

    def _register(self, candidate: Candidate, plugin: object) -> None:
        name = candidate.name
        if other := self._known.get(name):
            raise PluginError(
                f"two plugins have this name: {other.source} and {candidate.source}",
                hint=discovery.either(other, candidate),
            )
        if isinstance(plugin, type):
            raise PluginError("it is a class", hint="hand over an instance of it")
        check_plugin(plugin)
        check_hooks(plugin, self._manager, hookspecs)
        self._known[name] = candidate
        self._manager.register(plugin, name=name)
        answers = {
            hook: offer(implementation, hook)
            for hook in (*offers.OFFERING, *ONCE)
            for implementation in self._implementations(hook)
            if implementation.plugin is plugin
        }
        self._given |= {
            (hook, name): ONCE[hook](answers[hook])
            for hook in ONCE
            if answers.get(hook) is not None
        }
        self._offered[name] = offers.read(name, answers)
        if not candidate.builtin:
            found = blame.homes(plugin, self._offered[name])
            self._homes |= dict.fromkeys(found, name)

    def _settle_offers(self) -> None:
        """Leave out who offers what another one offers, and take in the rest."""
        every = [one for found in self._offered.values() for one in found]
        firm = [name for name, known in self._known.items() if known.builtin]
        for name, error in offers.conflicts(every, firm).items():
            self._leave_out(self._known[name], error)
        for found in self._offered.values():
            for one in found:
                self._offers.add(one)

    def _refuse_slips(self) -> None:
        """Refuse names in ``without`` that are misspelt.

        A name like no other may be that of a plugin which is missing here and
        which a table asks for; :meth:`check_without` tells.
        """
        known = self._names()
        for name in self.without:
            if name not in known and get_close_matches(name, known, n=1, cutoff=0.7):
                raise self._no_such(name, known)

    def check_without(self, required: Iterable[str] = ()) -> None:
        """Refuse names in ``without`` that nobody knows.

        :param required: the plugins that the tables ask for.
        :raises PluginError: a name is neither a plugin's here nor asked for.
        """
        known = {*self._names(), *required}
        for name in self.without:
            if name not in known:
                raise self._no_such(name, known)

    def _names(self) -> set[str]:
        """Return what may be left out: plugins, and distributions that have some."""
        names = {*self._known, *(failure.name for failure in self.failures)}
        for candidate in self._aside:
            names |= {candidate.name, candidate.distribution or candidate.name}
        if self._installed and not names.issuperset(self.without):
            names |= discovery.with_commands()
        return names

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
        return tuple(self._known)

    def listed(self) -> list[PluginInfo]:
        """Return all plugins: those that take part, those left out, those broken."""
        infos = [self._info(each) for each in (*self._known.values(), *self._aside)]
        return infos + [
            PluginInfo(
                name=failure.name,
                version=failure.version,
                source=failure.source,
                failure=failure.error.message,
            )
            for failure in self.failures
            if failure is not self._stopped.get(failure.name)
        ]

    def _info(self, candidate: Candidate) -> PluginInfo:
        left_out = candidate in self._aside
        plugin = None if left_out else self._manager.get_plugin(candidate.name)
        callers = self._manager.get_hookcallers(plugin) if plugin is not None else None
        stopped = None if left_out else self._stopped.get(candidate.name)
        return PluginInfo(
            name=candidate.name,
            version=candidate.version,
            source=candidate.source,
            hooks=tuple(sorted(caller.name for caller in callers or ())),
            failure=stopped.error.message if stopped else None,
            left_out=left_out,
        )

    def blamed(self, error: Exception) -> PluginError | None:
        """Return the error for what a plugin's code raised and nobody foresaw.

        :returns: the same in words, with the plugin's name; None if none was at work.
        """
        found = blame.culprit(error, self._homes)
        return failed(*found, error) if found else None

    def remarks(self) -> tuple[Finding, ...]:
        """Return what plugins failed in without harm since this was last asked."""
        said, self._remarks = self._remarks, {}
        return tuple(
            Finding(
                code="plugin-broken",
                severity="info",
                table=None,
                message=error.message,
                hint=error.hint,
            )
            for error in said.values()
        )

    def _once(self, hook: str) -> Iterator[tuple[str, Any]]:
        """Yield what plugins gave once, who is asked first comes first."""
        for each in self._implementations(hook):
            name = each.plugin_name
            if (hook, name) in self._given:
                yield name, self._given[hook, name]

    def _stop(self, name: str, error: PluginError) -> None:
        """Remember that a plugin failed, while at work, in what all is judged by."""
        known = self._known[name]
        self._stopped[name] = Failure(
            name=name, version=known.version, source=known.source, error=error
        )
        self.failures += (self._stopped[name],)

    def _remark(self, name: str, hook: str, error: Exception) -> PluginError:
        """Remember that a plugin failed in what nothing depends on."""
        problem = failed(name, hook, error)
        self._remarks[name, hook] = problem
        return problem

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

    def _implementations(self, hook: str) -> list[Any]:
        """Return who takes part in *hook*, in calling order."""
        caller: pluggy.HookCaller = getattr(self._manager.hook, hook)
        return caller.get_hookimpls()[::-1]
