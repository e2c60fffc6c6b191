"""partman as its users have it: a wheel in an environment of its own.

The wheel is ``PARTMAN_WHEEL``, or is built from this tree.  The clock stands still,
by a plugin that is installed like anybody's.
"""

from __future__ import annotations

import json
import lzma
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import psycopg

    Distribute = Callable[..., Path]

TREE = Path(__file__).parents[2]
LONGEST = 120
"""Seconds after which a command hangs, and a test fails rather than waits."""

NEW_YEARS_EVE = "2013-12-31T12:00+00:00"
CLOCK = '''\
"""A clock that stands still, at the moment that the file beside it names."""

from datetime import datetime
from pathlib import Path

from partman_core import hookimpl

MOMENT = Path(__file__).with_name("stopped_at.txt")


@hookimpl
def partman_clock():
    return lambda: datetime.fromisoformat(MOMENT.read_text())
'''

PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "1.2.3"
dependencies = ["partman>=0.1,<1"]

[project.entry-points."{group}"]
{entry} = "{value}"
"""

CREATE = """\
CREATE TABLE public.flights (
    time_hour timestamptz NOT NULL,
    carrier   text        NOT NULL,
    flight    integer     NOT NULL,
    origin    text        NOT NULL,
    dest      text        NOT NULL,
    dep_delay integer
) PARTITION BY RANGE (time_hour);
CREATE INDEX ON public.flights (carrier, flight)
"""


def did(*command: str | Path) -> str:
    """Run *command* and return what it wrote; fail with all of it if it fails."""
    done = subprocess.run(
        [*map(str, command)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def built(source: Path, target: Path) -> Path:
    """Build the wheel of the project in *source* into *target*."""
    build = (sys.executable, "-m", "build", "--wheel", "--no-isolation")
    did(*build, "--outdir", target, source)
    (made,) = target.glob("*.whl")
    return made


@frozen
class Environment:
    """A virtual environment, and nothing of it is ours but what is installed."""

    root: Path

    @property
    def python(self) -> Path:
        return self.root / "bin" / "python"

    @property
    def packages(self) -> Path:
        (found,) = self.root.glob("lib/python*/site-packages")
        return found

    def install(self, *requirements: str | Path) -> None:
        pip = (sys.executable, "-m", "pip", "--python", self.python)
        did(*pip, "install", "--quiet", *requirements)


def fresh(root: Path, wheel: Path, extras: str = "") -> Environment:
    """Make an environment that has the wheel, and what the wheel asks for."""
    did(sys.executable, "-m", "venv", "--without-pip", root)
    made = Environment(root)
    made.install(f"partman{extras} @ {wheel.as_uri()}")
    return made


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel that is tested."""
    if given := os.environ.get("PARTMAN_WHEEL"):
        return Path(given).resolve()
    return built(TREE, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def install_fresh() -> Callable[..., Environment]:
    """Return the function that makes an environment with a wheel in it."""
    return fresh


@pytest.fixture(scope="session")
def distribute(tmp_path_factory: pytest.TempPathFactory) -> Distribute:
    """Return a function that makes a plugin's wheel of one module.

    It takes the distribution's name, the module's code, and its one entry point.
    """

    @cache
    def make(name: str, code: str, *, group: str, entry: str, value: str) -> Path:
        source = tmp_path_factory.mktemp(name)
        project = PROJECT.format(name=name, group=group, entry=entry, value=value)
        (source / "pyproject.toml").write_text(project)
        (source / f"{name.replace('-', '_')}.py").write_text(code)
        return built(source, source / "dist")

    return make


@pytest.fixture(scope="session")
def environment(
    tmp_path_factory: pytest.TempPathFactory, wheel: Path, distribute: Distribute
) -> Environment:
    """Return an environment as ``pip install 'partman[binary]'`` makes it."""
    made = fresh(tmp_path_factory.mktemp("user") / "env", wheel, "[binary]")
    clock = {"group": "partman", "entry": "clock", "value": "stopped_clock"}
    made.install(distribute("stopped-clock", CLOCK, **clock))
    return made


@pytest.fixture
def clock(environment: Environment) -> Callable[[str], object]:
    """Return what sets the clock; it stands at noon of the last day of 2013."""
    moment = environment.packages / "stopped_at.txt"
    moment.write_text(NEW_YEARS_EVE)
    return moment.write_text


class Partman:
    """``partman`` as a process, in an empty directory."""

    def __init__(self, environment: Environment, dsn: str, place: Path) -> None:
        self.environment = environment
        self.place = place
        libpq = {name: os.environ[name] for name in os.environ if name[:2] == "PG"}
        self.variables: dict[str, str] = libpq | {
            "PATH": os.defpath,
            "HOME": str(place),
            "LANG": "C.UTF-8",
            "PYTHONWARNINGS": "error",
            "PARTMAN_DSN": dsn,
        }

    def command(self, *args: str) -> list[str]:
        return [str(self.environment.root / "bin" / "partman"), *args]

    def __call__(
        self, *args: str, code: int = 0, by: list[str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run it, and check the exit code."""
        done = subprocess.run(
            [*by, *args] if by else self.command(*args),
            check=False, capture_output=True, text=True, timeout=LONGEST,
            cwd=self.place, env=self.variables, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == code, f"{args}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done

    def json(self, *args: str, code: int = 0) -> dict[str, Any]:
        """Run it with ``--json``, and read what it says."""
        return json.loads(self(*args, "--json", code=code).stdout)

    def rows(self, *args: str) -> list[dict[str, str]]:
        """Run it, and read the table that it writes for programs."""
        head, *lines = self(*args).stdout.splitlines()
        columns = head.split("\t")
        return [dict(zip(columns, line.split("\t"), strict=True)) for line in lines]

    def start(self, *args: str) -> subprocess.Popen[str]:
        """Start it, and do not wait."""
        return subprocess.Popen(
            self.command(*args), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, cwd=self.place, env=self.variables, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def register(self, *more: str, code: int = 0) -> str:
        """Register the flights: by the month, from the first one on."""
        return self(
            "register", "public.flights",
            "--partition-by", "time_hour", "--partition-interval", "1 month",
            "--partition-count", "2", "--start", "2013-01-01T10:00Z", *more,
            code=code,
        ).stdout  # fmt: skip


@pytest.fixture
def partman(
    environment: Environment,
    database: str,
    tmp_path: Path,
    clock: Callable[[str], object],
) -> Partman:
    """Return ``partman``, connected to the private database."""
    return Partman(environment, database, tmp_path)


@pytest.fixture
def with_plugin(
    partman: Partman, tmp_path: Path, distribute: Distribute
) -> Callable[..., None]:
    """Return a function that installs one more plugin, for this test alone."""

    def install(*args: str, **entry: str) -> None:
        place = tmp_path / "more-packages"
        made = distribute(*args, **entry)
        partman.environment.install("--no-deps", "--target", place, made)
        partman.variables["PYTHONPATH"] = str(place)

    return install


@pytest.fixture
def flights(pg: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """Make the flights' table, without partitions; return a connection to it."""
    pg.execute(CREATE)
    return pg


@pytest.fixture(scope="session")
def data(environment: Environment) -> bytes:
    """Return all flights of 2013, as the wheel brings them: CSV with a header."""
    packed = environment.packages / "partman_core/cli/demo_data/flights.csv.xz"
    return lzma.decompress(packed.read_bytes())


@pytest.fixture
def loaded(
    partman: Partman, flights: psycopg.Connection[Any], data: bytes
) -> psycopg.Connection[Any]:
    """Register the table, make its partitions, and load all flights."""
    partman.register()
    partman("maintain")
    with flights.cursor() as cursor:
        with cursor.copy("COPY flights FROM STDIN (FORMAT csv, HEADER)") as copy:
            copy.write(data)
        assert cursor.rowcount == 336_776
    flights.execute("ANALYZE flights")
    return flights


@pytest.fixture
def counts(pg: psycopg.Connection[Any]) -> Callable[[], Mapping[str, int]]:
    """Return a function that counts the rows of each partition of the flights."""
    query = "SELECT tableoid::regclass::text, count(*) FROM flights GROUP BY 1"
    return lambda: dict(pg.execute(query).fetchall())


@pytest.fixture
def partitions(pg: psycopg.Connection[Any]) -> Callable[[], list[str]]:
    """Return a function that names the flights' partitions, as the catalog has them."""
    query = (
        "SELECT inhrelid::regclass::text FROM pg_inherits"
        " WHERE inhparent = 'flights'::regclass AND NOT inhdetachpending ORDER BY 1"
    )
    return lambda: [name for (name,) in pg.execute(query)]
