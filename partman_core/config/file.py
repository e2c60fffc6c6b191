"""The settings file: ``partman.toml``, or ``[tool.partman]`` in ``pyproject.toml``."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from attrs import define, field, frozen
from attrs.validators import optional

from partman_core.config import conversion
from partman_core.config.declaration import read_table
from partman_core.config.mistakes import Mistakes, Place, did_you_mean
from partman_core.config.reading import Reading
from partman_core.config.scalars import wrong
from partman_core.cron import Cron
from partman_core.errors import ConfigError
from partman_core.interval import Interval
from partman_core.naming import Name
from partman_core.settings import UNSERVED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partman_core.model import Table
    from partman_core.plugins import Plugins


@frozen(kw_only=True)
class Database:
    """Which database, and how it is reached.

    :param dsn: a URL or ``key=value`` words; by default PARTMAN_DSN or the PG*
        variables.
    :param schema: where partman keeps its own tables.
    :param pooler: for how long a pooler before the database lends a backend:
        ``session`` or ``transaction``; by default that is found out.
    """

    dsn: str | None = None
    schema: str = "partman"
    pooler: Literal["session", "transaction"] | None = None


@frozen(kw_only=True)
class PluginChoice:
    """Which plugins take part, apart from all that are installed.

    :param use: more of them, by the dotted names of their modules.
    :param without: those that are left out, by name.
    """

    use: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


def _at_least_one(_self: object, attribute: Any, value: int) -> None:
    if value < 1:
        raise ValueError(f"{attribute.name} is at least 1, not {value}")


SECOND = Interval(microseconds=1_000_000)


def _not_too_short(_self: object, attribute: Any, value: Interval | None) -> None:
    if value is None or value.months:
        return
    if value.microseconds < SECOND.microseconds:
        raise ValueError(f"{attribute.name} is at least {SECOND}, not {value}")


def _is_cron(self: Maintenance, _attribute: Any, value: str | None) -> None:
    if value is None:
        return
    Cron.parse(value)
    if self.every is not None:
        raise ValueError("give either every or cron, not both")


@frozen(kw_only=True)
class Maintenance:
    """The background service, and what any pass of maintenance keeps to.

    :param every: the time from one pass to the next; by default an hour.
    :param cron: or when passes begin, as cron has it, in UTC.
    :param workers: how many tables are served at the same time.
    :param max_seconds: how long a pass may take before it is ended in good order; by
        default as long as it takes.
    """

    every: Interval | None = field(default=None, validator=_not_too_short)
    cron: str | None = field(
        default=None, validator=_is_cron, metadata={"example": "15 * * * *"}
    )
    workers: int = field(default=2, validator=_at_least_one)
    max_seconds: int | None = field(default=None, validator=optional(_at_least_one))


class Declaration(NamedTuple):
    """One table of a settings file.

    :param name: as SQL writes it.
    :param settings: as written, without the name.
    :param where: its place in the file, for :func:`~partman_core.config.structure`.
    """

    name: str
    settings: Mapping[str, Any]
    where: str


@frozen(kw_only=True)
class Settings:
    """What a settings file says."""

    path: Path
    database: Database = Database()
    plugins: PluginChoice = PluginChoice()
    maintenance: Maintenance = Maintenance()
    tables: tuple[Declaration, ...] = ()

    @property
    def dsn(self) -> str | None:
        """Where the database is, if the file says it."""
        return self.database.dsn

    @property
    def schema(self) -> str:
        """Where partman keeps its own tables."""
        return self.database.schema

    @property
    def pooler(self) -> Literal["session", "transaction"] | None:
        """For how long a pooler lends a backend, if the file says it."""
        return self.database.pooler

    @property
    def without(self) -> tuple[str, ...]:
        """The plugins that are left out."""
        return self.plugins.without


PARTS = {"database": Database, "plugins": PluginChoice, "maintenance": Maintenance}
"""The parts of a file beside its tables."""


def read_file(path: Path | str) -> Settings:
    """Read a settings file; its tables' settings are checked when they are used.

    :raises ConfigError: it cannot be read, is not TOML, or says what a file cannot
        say; with all such mistakes at once.
    """
    mistakes = Mistakes()
    settings = _File(Path(path), mistakes).read()
    mistakes.refuse(str(path))
    return settings


def read_tables(
    path: Path | str, plugins: Plugins
) -> tuple[Settings, tuple[Table, ...]]:
    """Read a settings file and all its tables.

    :raises ConfigError: with all mistakes of the whole file at once.
    """
    mistakes = Mistakes()
    settings = _File(Path(path), mistakes).read()
    tables = []
    for name, declared, where in settings.tables:
        reading = Reading(declared, plugins, Place.parse(where), mistakes)
        tables.append(read_table(reading, Name.parse(name)))
    mistakes.refuse(str(path))
    return settings, tuple(table for table in tables if table is not None)


@define
class _File:
    """The reading of one file.

    :param mistakes: where they are remembered.
    """

    path: Path
    mistakes: Mistakes

    def read(self) -> Settings:
        """Return what the file says, as far as it can be understood."""
        said, place = _document(self.path), Place(file=str(self.path))
        if self.path.name == "pyproject.toml":
            said, place = _tool(said, self.path), place.at("tool").at("partman")
        for key in said:
            if key not in (*PARTS, "tables"):
                sentence = f"no part {key!r}{did_you_mean(key, (*PARTS, 'tables'))}"
                self.mistakes.add(place, sentence)
        parts = {
            key: self._part(kind, said[key], place.at(key))
            for key, kind in PARTS.items()
            if key in said
        }
        return Settings(
            path=self.path,
            tables=self._tables(said.get("tables", []), place.at("tables")),
            **{key: part for key, part in parts.items() if part is not None},
        )

    def _part(self, kind: type[Any], said: Any, place: Place) -> Any | None:
        if isinstance(said, dict):
            for key in UNSERVED.intersection(said):
                sentence = f"{key!r} is not supported by this version"
                self.mistakes.add(place, sentence)
            said = {key: said[key] for key in said if key not in UNSERVED}
        try:
            return conversion.structure(said, kind)
        except Exception as error:  # noqa: BLE001 - whatever a type's reader says
            conversion.remember(error, place, self.mistakes)
            return None

    def _tables(self, said: Any, place: Place) -> tuple[Declaration, ...]:
        if not isinstance(said, list):
            hint = "each table begins with [[tables]], in two brackets"
            self.mistakes.add(place, f"{place.path!r} is not a list of tables", hint)
            return ()
        seen: dict[Name, Place] = {}
        found = (self._table(each, place.at(n), seen) for n, each in enumerate(said))
        return tuple(each for each in found if each is not None)

    def _table(
        self, said: Any, place: Place, seen: dict[Name, Place]
    ) -> Declaration | None:
        try:
            name = _name(said)
        except ValueError as error:
            self.mistakes.add_error(place, error)
            # Its other mistakes are worth telling too.
            name = Name(None, place.path)
        if other := seen.get(name):
            self.mistakes.add(place, f"{name} is declared already, by {other.path}")
        seen[name] = place
        if not isinstance(said, dict):
            return None
        settings = {key: value for key, value in said.items() if key != "name"}
        return Declaration(str(name), settings, str(place))


def _name(said: Any) -> Name:
    if not isinstance(said, dict):
        raise wrong(said, "a table")
    if "name" not in said:
        error = ValueError("'name' is required")
        error.add_note('hint: as in name = "public.events"')
        raise error
    if not isinstance(said["name"], str):
        raise wrong(said["name"], "a table's name")
    return Name.parse(said["name"])


_TOML_PLACE = re.compile(r"(.*?) \(at (?:line (\d+), column (\d+)|(end) of document)\)")


def _document(path: Path) -> dict[str, Any]:
    """Return what a TOML file says, in plain values."""
    try:
        # editors of Windows begin files with a mark that TOML does not know
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        hint = "`partman config init` writes one to begin with"
        raise _unreadable(path, "there is no such file", hint) from None
    except UnicodeDecodeError as error:
        raise _unreadable(path, "it is not text in UTF-8") from error
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    except tomllib.TOMLDecodeError as error:
        hint = 'settings are written in TOML, as in partition_interval = "1 month"'
        raise _unreadable(path, _syntax_error(str(error)), hint) from error


def _syntax_error(message: str) -> str:
    found = _TOML_PLACE.fullmatch(message)
    if found is None:
        return message
    sentence, line, column, end = found.groups()
    if end:
        return f"at its end: {sentence}"
    return f"line {line}, column {column}: {sentence}"


def _unreadable(path: Path, why: str, hint: str | None = None) -> ConfigError:
    return ConfigError(f"{path}: {why}", hint=hint, code="settings-file")


def _tool(said: dict[str, Any], path: Path) -> dict[str, Any]:
    tools = said.get("tool")
    found = tools.get("partman") if isinstance(tools, dict) else None
    if not isinstance(found, dict):
        hint = "partman's settings are in [tool.partman] there"
        raise _unreadable(path, "it says nothing about partman", hint)
    return found
