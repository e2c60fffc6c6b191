"""How one gets in, and what a login that may not write is shown."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from partman_webui import Bearer, Link

from . import databases
from .conftest import EVERYTHING, a_site
from .seeing import opened, panel, settled, table

TOKEN = "a token for these very pages"


@pytest.fixture(scope="module")
def link():
    """Return what issues login links."""
    return Link()


@pytest.fixture(scope="module")
def asking(server_dsn, link):
    """Yield a served database that asks who one is."""
    with a_site(server_dsn) as made:
        made.sql(
            "CREATE TABLE events (at timestamptz NOT NULL) PARTITION BY RANGE (at)"
        )
        made.engine.register("events", partition_interval="1 day", partition_count=3)
        made.serve(allow=EVERYTHING, auth=(link, Bearer.of(TOKEN)))
        yield made


@pytest.fixture(scope="module")
def reading(server_dsn):
    """Yield a served database in trouble, whose pages may only be read."""
    with a_site(server_dsn) as made:
        databases.in_trouble(made, datetime.now(UTC))
        made.serve()
        yield made


def test_a_login_link_logs_in_once(asking, link, browser, page, complaints):
    address = f"{asking.url}login?token={link.issue(time.time())}"
    page.goto(address)
    settled(page)
    assert page.url == asking.url
    expect(page.get_by_role("link", name="public.events")).to_be_visible()
    page.reload()
    expect(page.get_by_role("link", name="public.events")).to_be_visible()

    other = browser.new_context()
    second = other.new_page()
    complaints.listen(second)
    complaints.allow("401")
    second.goto(address)
    expect(second.get_by_text("was used already")).to_be_visible()
    expect(second.get_by_role("heading", name="Log in")).to_be_visible()
    expect(second.get_by_role("link", name="public.events")).to_have_count(0)
    other.close()


def test_a_wrong_token_is_refused_and_the_right_one_lets_in(asking, page, complaints):
    complaints.allow("401")
    page.goto(f"{asking.url}{table('public.events')}")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    page.get_by_label("Token").fill("something else altogether")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("not known here")
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Log in").click()
    expect(
        page.get_by_role("heading", name="public.events", exact=True)
    ).to_be_visible()


def test_who_logs_out_is_asked_again(asking, link, page, complaints):
    page.goto(f"{asking.url}login?token={link.issue(time.time())}")
    expect(page.get_by_role("link", name="public.events")).to_be_visible()
    complaints.allow("401")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    page.goto(asking.url)
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_a_login_that_only_reads_is_told_so_and_shown_no_form(reading, page):
    opened(page, reading.url)
    expect(page.get_by_text("read only", exact=True)).to_be_visible()
    opened(page, reading.url, table("public.visits", "plan"))
    apply = panel(page, "Apply")
    expect(apply).to_contain_text("may read and plan, but not apply")
    expect(apply).to_contain_text("--allow apply")
    expect(apply.locator("input")).to_have_count(0)
    expect(page.get_by_role("button", name="Apply")).to_have_count(0)

    opened(page, reading.url, table("public.visits", "settings"))
    expect(page.locator("main")).to_contain_text("This login may not change settings")
    expect(page.get_by_role("button", name="Save settings")).to_have_count(0)
    expect(page.get_by_label("partition_count")).not_to_be_editable()

    opened(page, reading.url, table("public.flights", "tenants"))
    expect(page.locator("main")).to_contain_text("may not change tenants")
    expect(page.get_by_role("button", name="Add a tenant")).to_have_count(0)
    expect(page.get_by_role("button", name="Let go: UA")).to_have_count(0)


def test_a_login_that_may_not_destroy_is_told_so_and_shown_no_button(site, now, page):
    databases.in_trouble(site, now)
    site.serve(allow=("apply",))
    opened(page, site.url, table("public.visits", "plan") + "?only=all")
    expect(panel(page, "Apply")).to_contain_text("nothing that takes rows away")
    expect(page.get_by_role("button", name="Apply")).to_have_count(0)
