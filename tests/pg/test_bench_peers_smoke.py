"""The comparison with others runs, small and once, so that it cannot rot unseen."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

BENCHMARK = Path(__file__).parents[1] / "benchmarks" / "bench_peers.py"
OTHERS = ("pg_partman", "pg-partsmith")


def test_partman_runs_beside_plain_sql(tmp_path: Path) -> None:
    command = [
        sys.executable, str(BENCHMARK), "--quick", "--server", "18",
        *(f"--without={name}" for name in OTHERS), "--output", str(tmp_path),
    ]  # fmt: skip
    ran = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=300
    )
    assert ran.returncode == 0, ran.stderr
    (written,) = tmp_path.iterdir()
    (server,) = json.loads(written.read_text())
    standings = {each["contender"]: each for each in server["standings"]}
    assert list(standings) == ["partman", "best plain SQL", "plain SQL"]
    for each in standings.values():
        assert each["contender"] in ran.stdout
        assert not each["trouble"]
        assert each["quiet"][0]["transactions"] > 0
        for phase in ("create", "retire"):
            (told,) = each[phase]
            assert told["done"] == 3
            assert told["seconds"] > 0
