"""The benchmarks run, small and once, so that they cannot rot unseen."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[1] / "benchmarks" / "run.py"


def test_the_benchmarks_run(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCHMARKS), "--quick", "--output", str(tmp_path)]
    ran = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=300
    )
    assert ran.returncode == 0, ran.stderr
    (written,) = tmp_path.iterdir()
    cases = json.loads(written.read_text())["cases"]
    assert [case["title"].split()[0] for case in cases] == [
        "create", "maintain", "maintain", "retire", "retire", "create", "create",
        "start",
    ]  # fmt: skip
    for case in cases:
        assert case["title"] in ran.stdout
        assert all(way["samples"] for way in case["measured"])
