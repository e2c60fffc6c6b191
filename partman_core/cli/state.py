"""What every command gets: the global options, the settings file, the engine.

Everything here is made when a command first asks for it.
"""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from partman_core.cli.here import settings_file
from partman_core.cli.output import Output

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from partman_core.config.file import Settings
    from partman_core.engine import Engine
    from partman_core.plugins import Plugins


class State:
    """The global options, and what is made of them.

    :param config: the settings file that was named; None: look for one here.
    :param dsn: how to connect; None: as the file says, else libpq's own variables.
    :param schema: of our registry; None: as the file says, else ``partman``.
    :param without: names of plugins to leave out.
    :param colour: ``auto``, ``always`` or ``never``.
    :param quiet: nothing on stderr but errors.
    :param verbose: the log on stderr, and tracebacks.
    """

    def __init__(  # noqa: PLR0913
        self,
        *,
        config: Path | None = None,
        dsn: str | None = None,
        schema: str | None = None,
        without: tuple[str, ...] = (),
        colour: str = "auto",
        quiet: bool = False,
        verbose: bool = False,
    ) -> None:
        self.config = config
        self.dsn = dsn
        self.schema = schema
        self.without = without
        self.out = Output(colour, quiet=quiet)
        log = logging.getLogger("partman")
        log.setLevel(logging.DEBUG if verbose else logging.CRITICAL)
        if verbose and not log.handlers:
            logging.basicConfig(format="%(levelname)-7s %(message)s", stream=sys.stderr)

    @cached_property
    def file(self) -> Path | None:
        """The settings file that was named, or that lies here; None: neither."""
        return settings_file(self.config)

    @cached_property
    def settings(self) -> Settings | None:
        """What the settings file says.

        :raises ConfigError: all mistakes in it.
        """
        from partman_core.config.file import read_file
        from partman_core.errors import ConfigError

        if self.file is None:
            return None
        try:
            return read_file(self.file)
        except ConfigError:
            self._tell_all(self.file)
            raise

    def _tell_all(self, file: Path) -> None:
        """Read a file that has mistakes with its tables, to tell theirs as well."""
        from partman_core.config import read_tables
        from partman_core.plugins import Plugins

        read_tables(file, Plugins((), self.without))

    @property
    def plugins(self) -> Plugins:
        """The plugins, without a database: its driver may not even be there."""
        if "engine" in vars(self):
            return self.engine.plugins
        from partman_core.plugins import Plugins

        used, without = self._choice()
        return Plugins(used, without)

    def _choice(self) -> tuple[tuple[object, ...], tuple[str, ...]]:
        """Return the plugins that are used besides the installed ones, and left out."""
        found = self.settings
        if found is None:
            return (), self.without
        return found.plugins.use, (*self.without, *found.without)

    @cached_property
    def engine(self) -> Engine:
        """The engine; it connects when it is first used."""
        return self.engine_for(self.target)

    def engine_for(self, dsn: str, *, plugins: tuple[object, ...] = ()) -> Engine:
        """Make an engine with the global options.

        :param dsn: where it works.
        :param plugins: more plugins.
        """
        from partman_core.engine import Engine

        found = self.settings
        used, without = self._choice()
        return Engine(
            dsn,
            plugins=(*used, *plugins),
            without=without,
            schema=self.schema or (found and found.schema) or "partman",
            pooler=found.pooler if found else None,
        )

    @contextmanager
    def working(self) -> Iterator[Engine]:
        """Yield an engine whose progress is shown while it works."""
        if not self.out.live:
            yield self.engine
            return
        from partman_core.cli.progress import Progress

        with Progress() as progress:
            yield self.engine_for(self.target, plugins=(progress,))

    @property
    def target(self) -> str:
        """The DSN; empty: as libpq's own variables say."""
        if self.dsn is not None:
            return self.dsn
        return (self.settings and self.settings.dsn) or ""
