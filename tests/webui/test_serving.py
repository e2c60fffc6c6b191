"""``partman ui`` as a person starts it: real ports, real signals."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from partman_core.pg import registry, session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parents[2]
PATIENCE = 60
"""Seconds after which something that should have happened never will."""

ENDS_WITHIN = 20
"""Ten times the seconds that the end may take."""


@pytest.fixture
def path_of(tmp_path: Path) -> str:
    """Return a PYTHONPATH on which the web UI is installed, as far as metadata goes."""
    said = tomllib.loads((HERE / "webui" / "pyproject.toml").read_text())["project"]
    info = tmp_path / "installed" / "partman_webui-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {said['name']}\nVersion: {said['version']}\n"
    )
    lines = [
        f"[{group}]\n" + "\n".join(f"{k} = {v}" for k, v in points.items())
        for group, points in said["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))
    return os.pathsep.join([str(info.parent), str(HERE / "webui"), *sys.path])


@pytest.fixture
def start(path_of: str, database: str) -> Iterator[Callable[..., Any]]:
    """Yield a function that starts ``partman ui``."""
    started: list[subprocess.Popen[str]] = []

    def start(*args: str, dsn: str = database, first: str = "", **env: str) -> Any:
        path = os.pathsep.join(filter(None, [first, path_of]))
        command = [sys.executable, "-m", "partman_core", "--dsn", dsn, "ui", *args]
        started.append(
            subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                env={**os.environ, "PYTHONPATH": path, **env},
            )
        )  # fmt: skip
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=PATIENCE)


def until(process: Any, words: str) -> str:
    """Read what it prints up to a line with *words*; return all of that."""
    said = ""
    while words not in said:
        line = process.stdout.readline()
        if not line:
            pytest.fail(f"it ended: {said}{process.stderr.read()}")
        said += line
    return said


def ends(process: Any, number: int = signal.SIGTERM) -> tuple[int, str]:
    """Send a signal; return the exit code and what it said on stderr."""
    process.send_signal(number)
    _, stderr = process.communicate(timeout=ENDS_WITHIN)
    return process.returncode, stderr


def test_the_link_that_is_printed_logs_in(start, engine):
    process = start("--port", "0")
    said = until(process, "Ctrl-C")
    [link] = re.findall(r"http://127\.0\.0\.1:\d+/login\?token=\S{43}\b", said)
    with httpx.Client(base_url=link.partition("/login")[0]) as browser:
        assert browser.get("/api/v1/tables").status_code == 401
        reply = browser.get(link)
        assert (reply.status_code, reply.headers["location"]) == (303, "./")
        reply = browser.get("/api/v1/tables")
        assert [one["id"] for one in reply.json()["items"]] == ["public.events"]
        assert "server" not in reply.headers
        assert browser.get(link).status_code == 401
        rebound = browser.get("/api/v1/tables", headers={"Host": "evil.example"})
        assert rebound.status_code == 421
        ours = {"Sec-Fetch-Site": "same-origin"}
        large = browser.post("/api/v1/login", content=b"x" * 2**21, headers=ours)
        assert large.status_code == 413
        assert browser.get("/healthz").json() == {"status": "ok"}
        assert browser.get("/readyz").json() == {"status": "ok"}
    code, stderr = ends(process)
    assert code == 143
    assert "Traceback" not in stderr


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)]
)
def test_it_ends_soon_although_streams_are_open(start, engine, database, number, code):
    process = start("--port", "0", "--auth", "token", PARTMAN_UI_TOKEN="x" * 32)
    url = re.search(r"http://\S+", until(process, "Ctrl-C"))[0].rstrip("/")
    with session.connect(database) as conn:
        [(now,)] = conn.execute("SELECT now()").fetchall()
        run = registry.start_run(conn, "partman", actor="a", command="b", now=now)
        headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {'x' * 32}"}
        with httpx.Client(headers=headers, timeout=PATIENCE) as browser:
            streams = [
                browser.send(
                    browser.build_request("GET", f"{url}/api/v1/runs/{run}/events"),
                    stream=True,
                )
                for _ in range(3)
            ]
            for stream in streams:
                assert stream.status_code == 200
                assert next(stream.iter_raw()).startswith(b"retry:")
            assert ends(process, number) == (code, "")


def test_where_others_can_ask_somebody_has_to_log_in(start):
    process = start("--host", "0.0.0.0", "--port", "0")
    stdout, stderr = process.communicate(timeout=PATIENCE)
    assert (process.returncode, stdout) == (4, "")
    assert "error[webui-open]: on 0.0.0.0 others can ask" in stderr
    assert "--auth token" in stderr


def test_whoever_insists_lets_everybody_in_and_is_told(start, engine):
    process = start("--host", "0.0.0.0", "--port", "0", "--insecure-no-auth")
    said = until(process, "Ctrl-C")
    assert "WARNING: whoever reaches this address is let in." in said
    port = re.search(r":(\d+)/", said)[1]
    reply = httpx.get(f"http://127.0.0.1:{port}/api/v1/me")
    assert "There is no login here" in reply.json()["warning"]
    ends(process)


def test_a_token_is_made_where_none_is_given(start, engine):
    process = start("--port", "0", "--auth", "token", "--prefix", "/ops")
    said = until(process, "Ctrl-C")
    token = re.search(r"The token, until this ends: (\S{43})", said)[1]
    url = re.search(r"http://\S+/ops/", said)[0]
    headers = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{url}api/v1/me", headers=headers).status_code == 200
    ends(process)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--auth", "basic"), "--hash-password"),
        (("--auth", "header"), "--trusted-proxy"),
        (("--prefix", "/a/../b"), "is no prefix"),
    ],
)
def test_what_is_missing_is_named(start, args, said):
    process = start("--port", "0", *args)
    _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 4
    assert said in stderr
    assert "Traceback" not in stderr


def test_a_port_that_is_taken_is_named(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start("--port", str(taken.getsockname()[1]))
        _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 4
    assert "nothing can be served on 127.0.0.1:" in stderr
    assert "--port" in stderr


@pytest.mark.parametrize("missing", ["waitress", "bottle"])
def test_what_is_not_installed_is_said_in_a_sentence(start, tmp_path, missing):
    (tmp_path / f"{missing}.py").write_text(
        f"raise ModuleNotFoundError('no', name={missing!r})"
    )
    process = start(first=str(tmp_path))
    _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 4
    assert f"partman ui needs {missing}, which is not installed" in stderr
    assert "pip install 'partman[webui]'" in stderr
    assert len(stderr.splitlines()) == 2


def test_the_password_of_the_database_is_told_to_nobody(start):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    dsn = f"postgresql://mia:S3cr%40tS3cr%40t@127.0.0.1:{port}/app"
    process = start(
        "--port", "0", "--auth", "token", dsn=dsn, PARTMAN_UI_TOKEN="x" * 32
    )
    said = until(process, "Ctrl-C")
    url = re.search(r"http://\S+", said)[0].rstrip("/")
    headers = {"Authorization": f"Bearer {'x' * 32}"}
    told = said
    for path in ["tables", "databases", "me", "runs", "plugins", "actions"]:
        reply = httpx.get(f"{url}/api/v1/{path}", headers=headers, timeout=PATIENCE)
        told += reply.text
        if path == "tables":
            assert (reply.status_code, reply.json()["code"]) == (503, "db-unreachable")
    assert httpx.get(f"{url}/readyz", timeout=PATIENCE).status_code == 503
    assert httpx.get(f"{url}/healthz").status_code == 200
    told += ends(process)[1]
    assert "S3cr" not in told


def test_a_line_of_the_users_file_is_made_from_a_password(path_of):
    program = (
        "import click.termui, sys\n"
        "click.termui.hidden_prompt_func = lambda _: 'open sesame'\n"
        "sys.argv = ['partman', 'ui', '--hash-password', 'mia']\n"
        "from partman_core.cli import main\n"
        "main()\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": path_of},
    )  # fmt: skip
    assert re.fullmatch(r"mia:scrypt\$32768\$8\$1\$\S+\$\S+\n", said.stdout)
