"""Zones come from the ``tzdata`` package, whatever the system has."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from partman_core.interval import zone
from partman_core.zones import told, zone_names

from .time_strategies import hint_of, zone_file


def test_a_moment_is_told_to_the_minute_on_the_clocks_of_a_zone() -> None:
    moment = datetime.fromisoformat("2026-11-24T15:40:59.9+01:00")
    assert told(moment) == "2026-11-24 14:40 UTC"
    assert told(moment, "Asia/Tokyo") == "2026-11-24 23:40 Asia/Tokyo"


class TestZones:
    def test_every_zone_can_be_read(self) -> None:
        for name in zone_names():
            assert zone(name).utcoffset(datetime(2026, 1, 1)) is not None

    def test_a_zone_is_read_once(self) -> None:
        assert zone("Europe/Berlin") is zone("Europe/Berlin")

    @pytest.mark.parametrize(
        ("name", "meant"),
        [
            ("Europe/Berln", "Europe/Berlin"),
            ("europe/berlin", "Europe/Berlin"),
            ("Berlin", "Europe/Berlin"),
            ("new york", "America/New_York"),
            ("utc", "UTC"),
        ],
    )
    def test_an_unknown_zone_is_guessed(self, name: str, meant: str) -> None:
        with pytest.raises(ValueError, match=f"did you mean '{meant}'"):
            zone(name)

    @pytest.mark.parametrize(
        "name", ["", "../../etc/passwd", "/etc/localtime", "+02:00"]
    )
    def test_what_is_no_name_is_no_zone(self, name: str) -> None:
        with pytest.raises(ValueError, match="there is no time zone") as caught:
            zone(name)
        assert "IANA" in hint_of(caught.value)

    def test_the_systems_zones_are_never_asked(self, tmp_path: Path) -> None:
        """Even where the system's Casablanca says something else."""
        false_friend = tmp_path / "Africa" / "Casablanca"
        false_friend.parent.mkdir()
        false_friend.write_bytes(zone_file("Asia/Tokyo"))
        script = (
            "from datetime import datetime; from zoneinfo import ZoneInfo\n"
            "from partman_core.interval import zone\n"
            "at = datetime(2026, 11, 15)\n"
            "print(zone('Africa/Casablanca').utcoffset(at))\n"
            "print(ZoneInfo('Africa/Casablanca').utcoffset(at))\n"
        )
        paths = {"PYTHONTZPATH": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
        ours, system = subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | paths, capture_output=True, text=True, check=True,
        ).stdout.split()  # fmt: skip
        package = ZoneInfo.from_file(BytesIO(zone_file("Africa/Casablanca")))
        assert system == "9:00:00"
        assert ours == str(package.utcoffset(datetime(2026, 11, 15)))

    def test_a_missing_system_directory_is_not_missed(self, tmp_path: Path) -> None:
        script = "from partman_core.interval import zone; print(zone('Asia/Kathmandu'))"
        paths = {
            "PYTHONTZPATH": str(tmp_path / "nowhere"),
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        done = subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | paths, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.strip() == "Asia/Kathmandu"
