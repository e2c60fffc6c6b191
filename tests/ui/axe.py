"""axe-core in a page: what it finds against the rules of accessible pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

HERE = Path(__file__).parents[2]
SOURCE = HERE / "webui/frontend/node_modules/axe-core/axe.min.js"

RUN = """() => axe.run(document, {resultTypes: ["violations"]}).then(found =>
  found.violations.flatMap(({id, nodes}) => nodes.map(({target, failureSummary}) =>
    `${id}: ${target.join(" ")}: ${failureSummary.replace(/\\s+/g, " ")}`)))"""
TWO_FRAMES = """() => new Promise(done =>
  requestAnimationFrame(() => requestAnimationFrame(() => done())))"""


def violations(page: Page) -> list[str]:
    """Return every rule that is broken, with where and how."""
    page.evaluate(TWO_FRAMES)
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(SOURCE.read_text("utf-8"))
    return page.evaluate(RUN)
