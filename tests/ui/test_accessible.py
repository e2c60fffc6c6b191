"""axe finds nothing, on any page, however it is looked at."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from partman_webui import Bearer

from . import databases
from .axe import violations
from .conftest import DESK, EVERYTHING, PHONE, a_site
from .seeing import opened, table

LOOKS = {
    "light": ({"color_scheme": "light"}, DESK),
    "dark": ({"color_scheme": "dark"}, DESK),
    "phone": ({"color_scheme": "light"}, PHONE),
    "forced colours": ({"forced_colors": "active"}, DESK),
}
AS_USUAL = {"color_scheme": "light", "forced_colors": "none"}

PAGES = {
    "overview": "?health=all",
    "overview, nothing fits": "?q=nothing-has-this-name",
    "table with a gap": table("public.events"),
    "table with a partition chosen": table("public.visits"),
    "table with tenants": table("public.flights"),
    "plan": table("public.events", "plan"),
    "plan that destroys": table("public.visits", "plan") + "?only=all",
    "settings": table("public.visits", "settings"),
    "tenants": table("public.flights", "tenants"),
    "runs": "runs",
    "run": "runs/1",
    "run that there is not": "runs/99999",
    "bin and holds": "bin",
    "actions": "actions",
    "plugins": "plugins",
    "about": "about",
    "nowhere": "nowhere/at/all",
}


def everywhere(page):
    """Return what axe finds, by how the page is looked at."""
    found = {}
    for look, (media, size) in LOOKS.items():
        page.emulate_media(**{**AS_USUAL, **media})
        page.set_viewport_size(size)
        if broken := violations(page):
            found[look] = broken
    return found


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_a_page_breaks_no_rule(trouble, page, complaints, path):
    complaints.allow("404")
    opened(page, trouble.url, path)
    if path == table("public.visits"):
        page.get_by_role("application").focus()
        page.keyboard.press("Home")
        expect(page.locator("#partition")).to_be_visible()
    assert everywhere(page) == {}


def test_a_dialog_breaks_no_rule(trouble, page):
    opened(page, trouble.url, table("public.flights", "tenants"))
    page.get_by_role("button", name="Add a tenant").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert everywhere(page) == {}


def test_the_keys_and_the_jump_box_break_no_rule(trouble, page):
    opened(page, trouble.url)
    for key in ("?", "/"):
        page.keyboard.press(key)
        expect(page.get_by_role("dialog")).to_be_visible()
        assert everywhere(page) == {}
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.fixture(scope="module")
def bare(server_dsn):
    """Yield a database in trouble that may only be read, and one without tables."""
    with a_site(server_dsn) as reading, a_site(server_dsn) as empty:
        databases.in_trouble(reading, datetime.now(UTC))
        reading.serve()
        empty.serve(allow=EVERYTHING)
        yield reading, empty


@pytest.mark.parametrize("part", ["plan", "settings", "tenants"])
def test_a_page_that_may_only_be_read_breaks_no_rule(bare, page, part):
    reading, _ = bare
    opened(page, reading.url, table("public.flights", part))
    assert everywhere(page) == {}


def test_pages_without_anything_break_no_rule(bare, page):
    _, empty = bare
    for path in ("", "runs", "bin", "actions"):
        opened(page, empty.url, path)
        assert everywhere(page) == {}


def test_the_login_page_breaks_no_rule(site, page, complaints):
    complaints.allow("401")
    site.serve(auth=(Bearer.of("a token for these very pages"),))
    opened(page, site.url)
    page.get_by_label("Token").fill("something else altogether")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert everywhere(page) == {}


def test_a_planted_defect_is_found_in_every_look(trouble, page):
    opened(page, trouble.url)
    page.evaluate(
        """() => {
          const main = document.querySelector("main");
          const input = main.appendChild(document.createElement("input"));
          input.type = "text";
          const pale = main.appendChild(document.createElement("p"));
          pale.textContent = "hardly to be read";
          pale.style.color = "#777";
          pale.style.background = "#888";
        }"""
    )
    found = everywhere(page)
    assert set(found) == set(LOOKS)
    assert all(any("label:" in one for one in each) for each in found.values())
    assert any("color-contrast" in one for one in found["light"])
    assert any("color-contrast" in one for one in found["dark"])
