"""A bundle of a few bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

INDEX = """<!doctype html>
<html><head><link rel="icon" href="./icon.svg" />
<script type="application/json" id="boot">{"prefix": "", "poll": 15}</script>
<script type="module" src="./assets/index-abc.js"></script></head>
<body><div id="root"></div></body></html>
"""


def a_bundle(place: Path) -> Path:
    """Make a bundle, and a file beside it that is nobody's business."""
    found = place / "static"
    (found / "assets").mkdir(parents=True)
    (found / "index.html").write_text(INDEX)
    (found / "icon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (found / "assets" / "index-abc.js").write_text("export {};\n" * 200)
    (place / "secret.txt").write_text("not for everybody")
    return found
