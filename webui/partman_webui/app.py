"""What every part of the API is given: the engines, the options, the history.

A module of :mod:`partman_webui.api` exports ``routes``::

    def routes(app: App) -> Iterable[Route]:
        yield Route("GET", "/api/v1/tables/<id:table>", partial(_table, app))
        yield Route("POST", "/api/v1/runs", partial(_start, app), needs="apply")

    def _table(app: App, asked: Asked, id: str) -> TableSummary: ...

A rule is a whole path below the prefix, as Bottle writes it; ``<id:table>`` is a name
as SQL writes it, ``<n:int>`` a number.  A handler gets an :class:`Asked` and the rule's
parts; it returns a shape, an :class:`~partman_webui.answers.Answer` or a
:class:`~partman_webui.answers.Stream`, or raises what
:func:`~partman_webui.problems.problem` makes, or whatever the engine raises.

Refusals are recorded here; what was done is recorded by the handler that did it, by
:meth:`App.record`.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from partman_webui.asking import Ability, Actor, Asked
from partman_webui.problems import problem
from partman_webui.recorder import Entry, Recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from partman_core import Engine
    from partman_webui.options import Options

__all__ = ["Ability", "Actor", "App", "Asked", "Route"]


@frozen
class Route:
    """One method of one address.

    :param rule: the path below the prefix, as Bottle writes rules.
    :param function: called as ``function(asked, **parts)``.
    :param needs: what a login must be able to do; None: nobody has to be logged in.
    :param action: what refusals are called in the history; empty: method and path.
    """

    method: str
    rule: str
    function: Callable[..., Any]
    needs: Ability | None = "read"
    action: str = ""


@frozen(kw_only=True)
class App:
    """The engines behind the pages, and what they have in common.

    :param engines: by name, the first one being the default; at least one.
    :param closing: set when the server ends: streams end with it.
    """

    options: Options
    engines: Mapping[str, Engine]
    closing: threading.Event = field(factory=threading.Event)
    recorder: Recorder = field(factory=Recorder)
    _at_close: list[Callable[[float], bool]] = field(factory=list)

    @property
    def default(self) -> str:
        """The name of the database that is shown where none is named."""
        return next(iter(self.engines))

    def engine(self, name: str | None = None) -> Engine:
        """Return an engine.

        :param name: of its database; None: the default.
        :raises ProblemError: ``database-unknown``.
        """
        if (found := self.engines.get(name or self.default)) is None:
            known = ", ".join(self.engines)
            raise problem(
                "database-unknown",
                f"These pages show no database called {name!r}.",
                hint=f"They show: {known}",
            )
        return found

    def record(  # noqa: PLR0913 - a row of the history has that many columns
        self,
        actor: Actor,
        action: str,
        target: str | None,
        allowed: bool,
        detail: str | None = None,
        *,
        database: str | None = None,
    ) -> None:
        """Keep what somebody did, or was refused, in the history; never raises.

        What was done is there when this returns.  What cannot be kept (on a standby,
        or before there is a schema of ours) is in the log.

        :param action: in a word or two, such as ``apply``, ``hold``, ``login``.
        :param target: the table or partition.
        :param database: whose history; None: the default's.
        """
        entry = Entry(
            engine=self.engines.get(database or self.default) or self.engine(),
            actor=actor,
            action=action,
            target=target,
            allowed=allowed,
            detail=detail,
        )
        if allowed:
            self.recorder.keep(entry)
        else:
            self.recorder.keep_soon(entry)

    def at_close(self, end: Callable[[float], bool]) -> None:
        """Have something end with the server.

        :param end: is given the seconds that it has; says whether it has ended.
        """
        self._at_close.append(end)

    def close(self, patience: float = 30.0) -> bool:
        """End streams, and everything that was to end with the server.

        :param patience: seconds that runs have to end in good order.
        :returns: whether all have.
        """
        self.closing.set()
        return all([end(patience) for end in self._at_close])  # noqa: C419 - each one
