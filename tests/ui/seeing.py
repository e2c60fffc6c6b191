"""How tests look at a page: opened, read to the end, its parts by their headings."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

PATIENCE = 20_000
"""Milliseconds for a page to be read to its end; 12,000 partitions take a while."""


def opened(page: Page, url: str, path: str = "") -> Page:
    """Go to a page and wait until nothing of it is still being read."""
    page.goto(url + path)
    return settled(page)


def settled(page: Page) -> Page:
    """Wait until a page has a heading, and nothing says that it is still read."""
    expect(page.locator("h1")).to_have_count(1)
    expect(page.get_by_text("Reading …")).to_have_count(0, timeout=PATIENCE)
    return page


def table(name: str, part: str = "") -> str:
    """Return the path of a table's page, or of one below it."""
    return f"tables/{quote(name, safe='')}{part and f'/{part}'}"


def panel(page: Page, title: str) -> Locator:
    """Return the part of a page that has a heading."""
    return page.get_by_role("region", name=title)


def row_of(page: Page, name: str) -> Locator:
    """Return what the overview says of a table."""
    link = page.get_by_role("link", name=name, exact=True)
    return page.locator("tbody").filter(has=link)
