"""Pictures of the pages for webui/README.md: ``python tests/ui/screenshots.py``.

Four pages of a database in trouble, light and dark, on a desk and on a phone.
"""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # a script's own directory is all that it has

from tests.ui import conftest, databases, seeing  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

PICTURES = ROOT / "webui/screenshots"
MOST_BYTES = 120_000
WIDTHS = {1280: {"width": 1280, "height": 720}, 390: conftest.PHONE}
ROWS = """
    INSERT INTO {table} SELECT at, repeat('x', 200)
    FROM generate_series(%s::timestamptz, %s, '1 minute') at,
      generate_series(1, 1 + (3 * (2 + sin(extract(epoch FROM at) / 150000)))::int)"""
"""More on some days than on others."""


@contextmanager
def in_trouble() -> Iterator[conftest.Site]:
    """Yield a served database as the tests have it, with more in it."""
    now = datetime.now(UTC)
    with (
        conftest.embedded_server(settings=conftest.SERVER) as server,
        conftest.a_site(server.dsn) as site,
    ):
        databases.in_trouble(site, now)
        for table in ("events", "visits"):
            site.sql(ROWS.format(table=table), now - 8 * databases.DAY, now)
        site.sql("ANALYZE")
        site.serve(allow=conftest.EVERYTHING)
        yield site


def take(page: Page, name: str, part: str = "body") -> None:
    """Take the pictures of what a page shows, as light and dark, wide and narrow.

    :param part: that comes first.
    """
    for colours in ("light", "dark"):
        page.emulate_media(color_scheme=colours)
        for width, size in WIDTHS.items():
            page.set_viewport_size(size)
            seeing.settled(page)
            page.locator(part).evaluate("part => part.scrollIntoView({block: 'start'})")
            file = PICTURES / f"{name}-{colours}-{width}.png"
            page.screenshot(path=file, animations="disabled")
            assert file.stat().st_size < MOST_BYTES, file
            sys.stdout.write(f"{file.relative_to(ROOT)}\n")


def take_all(site: conftest.Site, page: Page) -> None:
    """Take the pictures of the overview, a table, its plan, and a run that waits."""
    take(seeing.opened(page, site.url, "?health=all"), "overview")
    take(
        seeing.opened(page, site.url, seeing.table("public.events")),
        "table",
        "section:has(> header h2:text-is('Timeline'))",
    )
    visits = seeing.table("public.visits", "plan")
    take(seeing.opened(page, site.url, f"{visits}?only=all"), "plan")
    with psycopg.connect(site.dsn, application_name="monthly report") as conn:
        conn.execute("LOCK TABLE events IN ACCESS SHARE MODE")
        seeing.opened(page, site.url, seeing.table("public.events", "plan"))
        page.get_by_role("button", name=re.compile("^Apply ")).click()
        expect(page.get_by_role("alert")).to_contain_text("monthly report")
        take(page, "run")
        page.get_by_role("button", name="Stop after this operation").click()
        expect(page.get_by_text("interrupted: 0 done")).to_be_visible()


def main() -> None:
    """Make webui/screenshots anew."""
    PICTURES.mkdir(exist_ok=True)
    with in_trouble() as site, sync_playwright() as playwright:
        browser = conftest.chromium(playwright)
        context = browser.new_context(locale="en-GB", timezone_id="UTC")
        take_all(site, context.new_page())
        browser.close()


if __name__ == "__main__":
    main()
