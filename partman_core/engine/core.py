"""What every part of the engine has: its plugins, and the way to its database."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from partman_core.engine.opening import Opener
from partman_core.engine.survey import Surveyor
from partman_core.pg import pooler as poolers
from partman_core.plugins import Plugins

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    import psycopg


class Core:
    """An engine's plugins and sessions.

    :param target: a DSN, or a callable that opens a psycopg connection which is
        the engine's own.
    :param plugins: objects, modules or dotted names, besides those installed.
    :param without: names of plugins to leave out.
    :param clock: gives the time, aware; None: as plugins say, else the server's.
    :param logger: like :class:`logging.Logger`; None: as plugins say.
    :param schema: where partman keeps its own tables.
    :param pooler: for how long a pooler before the server lends a backend:
        ``session`` or ``transaction``; None: find out before anything is written.
    :raises ConfigError: there is no such pooler.
    """

    def __init__(  # noqa: PLR0913 - what an engine is made of
        self,
        target: str | Callable[[], psycopg.Connection[Any]],
        *,
        plugins: Sequence[object] = (),
        without: Sequence[str] = (),
        clock: Callable[[], datetime] | None = None,
        logger: Any = None,
        schema: str = "partman",
        pooler: str | None = None,
    ) -> None:
        self._pooler = poolers.checked(pooler)
        self.schema = schema
        self._target = target
        self._clock = clock
        self._logger = logger
        self._given = (tuple(plugins), tuple(without))

    @cached_property
    def plugins(self) -> Plugins:
        """The plugins of this engine, found when they are first needed."""
        return Plugins(*self._given)

    @cached_property
    def _opener(self) -> Opener:
        return Opener(
            target=self._target,
            schema=self.schema,
            plugins=self.plugins,
            clock=self._clock or self.plugins.clock(),
            pooler=self._pooler,
        )

    @property
    def _log(self) -> Any:
        return self._logger or self.plugins.logger()

    def _surveyor(
        self, only: Sequence[str] = (), max_drops: int | None = None
    ) -> Surveyor:
        return Surveyor(
            schema=self.schema,
            plugins=self.plugins,
            only=tuple(only),
            max_drops=max_drops,
        )
