"""What destroys is typed by a person, and checked by the server."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from . import databases
from .conftest import EVERYTHING
from .seeing import opened, panel, table

VISITS = "public.visits"


@pytest.fixture
def late(site, now):
    """Return a served database whose ``visits`` keeps what it should have dropped."""
    databases.in_trouble(site, now)
    site.serve(allow=EVERYTHING)
    return site


def test_what_goes_for_good_goes_when_the_name_is_typed(late, page):
    before = len(late.sql(databases.CHILDREN))
    opened(page, late.url, table(VISITS, "plan"))
    page.get_by_role("radio", name="Everything").check()
    apply = panel(page, "Apply")
    button = apply.get_by_role("button", name=re.compile("^Apply"))
    expect(button).to_be_disabled()
    apply.get_by_label(re.compile("To agree, type")).fill("public.events")
    expect(apply).to_contain_text("That is not public.visits")
    expect(button).to_be_disabled()
    apply.get_by_label(re.compile("To agree, type")).fill(VISITS)
    apply.get_by_label("Reason").fill("the auditors asked")
    button.click()
    expect(page).to_have_url(re.compile(r"/runs/\d+"))
    expect(page.get_by_text(re.compile("^.?Done: "))).to_be_visible()
    expect(page.locator("main")).to_contain_text("the auditors asked")
    assert len(late.sql(databases.CHILDREN)) != before
    kept = late.sql(
        "SELECT min(at) > now() - interval '7 days' FROM visits WHERE note = 'x'"
    )
    assert kept == [(True,)]


def without_the_name(route):
    """Send on what a page sends, without what was typed to confirm it."""
    sent = route.request.post_data_json
    assert sent["confirm"] == VISITS
    route.continue_(post_data=json.dumps({**sent, "confirm": None}))


def test_the_server_asks_for_the_name_whatever_the_page_sends(late, page, complaints):
    complaints.allow("422")
    complaints.allow("403")
    complaints.allow("400")
    complaints.allow("409")
    before = late.sql(databases.CHILDREN)
    opened(page, late.url, table(VISITS, "plan") + "?only=all")
    page.route(re.compile("/api/v1/runs"), without_the_name)
    page.get_by_label(re.compile("To agree, type")).fill(VISITS)
    page.get_by_role("button", name=re.compile("^Apply")).click()
    expect(page.get_by_role("alert")).to_contain_text("confirm-needed")
    assert late.sql(databases.CHILDREN) == before


def test_the_plan_creates_only_until_somebody_asks_for_everything(late, page):
    opened(page, late.url, table(VISITS, "plan"))
    expect(page.get_by_role("radio", name="Creations only")).to_be_checked()
    expect(page.locator("main")).to_contain_text("of the whole plan left out")
    expect(page.get_by_label(re.compile("To agree, type"))).to_have_count(0)


def test_a_plan_that_moved_on_is_shown_again_and_not_done(late, page, complaints):
    complaints.allow("409")
    opened(page, late.url, table(VISITS, "plan"))
    late.engine.register(
        "visits", partition_interval="1 day", partition_count=22,
        retention_period="5 days", confirm=True,
    )  # fmt: skip
    page.get_by_role("button", name=re.compile("^Apply")).click()
    expect(page.get_by_role("alert")).to_contain_text(
        "out of date, so nothing was done"
    )
    expect(page.get_by_role("alert")).to_contain_text("new:")
