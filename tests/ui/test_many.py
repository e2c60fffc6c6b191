"""Twelve thousand partitions: the page is there, scrolls, and stays small."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from . import databases
from .conftest import a_site
from .seeing import opened, panel, settled, table

MANY = 12_000
MOST_NODES = 2_000


@pytest.fixture(scope="module")
def many(server_dsn):
    """Yield a served database with a table of twelve thousand partitions."""
    with a_site(server_dsn) as made:
        databases.large(made)
        made.serve()
        yield made


def nodes(page):
    """Return how many elements a page has."""
    return page.evaluate("() => document.querySelectorAll('*').length")


def test_a_table_of_twelve_thousand_partitions_is_shown_and_scrolls(many, page):
    opened(page, many.url, table("public.many"))
    grid = page.get_by_role("grid", name="Partitions")
    expect(grid).to_be_visible()
    assert int(grid.get_attribute("aria-rowcount")) > MANY
    assert nodes(page) < MOST_NODES
    grid.focus()
    page.keyboard.press("End")
    rows = int(grid.get_attribute("aria-rowcount"))
    expect(grid.locator(f"[role=row][aria-rowindex='{rows}']")).to_be_visible()
    grid.evaluate("grid => { grid.scrollTop = grid.scrollHeight / 2 }")
    middle = grid.locator(f"[role=row][aria-rowindex='{rows // 2}']")
    expect(middle).to_be_attached()
    assert nodes(page) < MOST_NODES


def test_one_of_twelve_thousand_is_found_by_its_name(many, page):
    opened(page, many.url, table("public.many"))
    page.get_by_label("Filter by name or bounds").fill("many_7_123")
    expect(panel(page, "Partitions: ")).to_contain_text("many_7_123")
    grid = page.get_by_role("grid", name="Partitions")
    expect(grid).not_to_contain_text("many_6_")
    page.reload()
    settled(page)
    expect(page.get_by_role("grid", name="Partitions")).not_to_contain_text("many_6_")
