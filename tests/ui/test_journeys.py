"""What is wrong, why, and how it is mended: from the overview to the end of the run."""

from __future__ import annotations

import re
from contextlib import contextmanager

import psycopg
import pytest
from playwright.sync_api import expect

from . import databases
from .conftest import EVERYTHING
from .seeing import PATIENCE, opened, panel, row_of, settled, table

EVENTS = "public.events"


@contextmanager
def in_the_way(site, relation="events"):
    """Have another session hold a table, as a long report does."""
    with psycopg.connect(site.dsn, application_name="slow report") as conn:
        conn.execute(f"LOCK TABLE {relation} IN ACCESS SHARE MODE")
        yield conn


@pytest.fixture
def gap(site, now):
    """Return the name of the partition that ``events`` lacks."""
    name = databases.with_a_gap(site, now)
    site.serve(allow=EVERYTHING)
    return name


STALE = """url => fetch(url, {
  method: "POST",
  headers: {"Content-Type": "application/json"},
  body: JSON.stringify({table: "public.events", hash: "0".repeat(64)}),
}).then(answer => answer.status)"""
"""A request to do a plan that is none."""


def applied(page):
    """Press the button; return the page of the run."""
    page.get_by_role("button", name=re.compile("^Apply ")).click()
    expect(page).to_have_url(re.compile(r"/runs/\d+"))
    return page


def test_what_is_wrong_why_and_fix_it(site, gap, page):
    opened(page, site.url)
    events = row_of(page, EVENTS)
    expect(events).to_contain_text("No partition holds")
    expect(events).to_contain_text("inserts for it fail")
    events.get_by_role("link", name=EVENTS).click()

    settled(page)
    timeline = page.get_by_role("application", name="Timeline of the partitions")
    hole = timeline.locator("rect[data-part=gap]")
    expect(hole).to_have_count(1)
    assert "url(#" in hole.get_attribute("fill")
    expect(page.locator("pattern")).not_to_have_count(0)
    expect(panel(page, "finding")).to_contain_text("No partition holds")

    page.get_by_role("link", name="Preview plan").click()
    settled(page)
    operations = panel(page, "1 operation")
    expect(operations).to_contain_text(f"create public.{gap}")
    operations.get_by_text("SQL (").click()
    expect(operations).to_contain_text("ATTACH PARTITION")

    applied(page)
    expect(page.get_by_text("Done: 1 operation")).to_be_visible()
    expect(page.get_by_role("log")).to_contain_text(gap)
    assert site.sql("SELECT to_regclass(%s)::text", gap) == [(gap,)]

    page.get_by_role("link", name="Tables", exact=True).first.click()
    expect(row_of(page, EVENTS)).to_contain_text("ok")
    expect(row_of(page, EVENTS)).not_to_contain_text("No partition holds")
    row_of(page, EVENTS).get_by_role("link", name=EVENTS).click()
    settled(page)
    expect(page.locator("rect[data-part=gap]")).to_have_count(0)


def test_who_is_in_the_way_is_shown_and_the_run_goes_on_when_they_are_gone(
    site, now, page
):
    blocked_table(site, now)
    with in_the_way(site) as conn:
        applied(opened(page, site.url, table(EVENTS, "plan")))
        told = page.get_by_role("alert")
        expect(told).to_contain_text("waits")
        expect(told).to_contain_text(str(conn.info.backend_pid))
        expect(told).to_contain_text("slow report")
        expect(page.get_by_role("button", name="Stop after this")).to_be_visible()
    done = page.get_by_text(re.compile("^.?Done: 9 operations"))
    expect(done).to_be_visible(timeout=PATIENCE)  # it pauses ever longer between tries
    expect(told).to_have_count(0)
    assert len(site.sql(databases.CHILDREN)) == 11


def test_a_run_is_stopped_while_it_waits_and_what_is_left_is_done_later(
    site, now, page, complaints
):
    blocked_table(site, now)
    with in_the_way(site):
        applied(opened(page, site.url, table(EVENTS, "plan")))
        expect(page.get_by_role("alert")).to_contain_text("slow report")
        page.get_by_role("button", name="Stop after this operation").click()
        expect(page.get_by_text("interrupted: 0 done")).to_be_visible()
        expect(page.get_by_text("0 of 9 steps")).to_be_visible()
        expect(page.get_by_role("log").get_by_text("done")).to_have_count(0)
        assert len(site.sql(databases.CHILDREN)) == 2
    page.get_by_role("link", name="Plan what is left").click()
    expect(panel(page, "9 operations")).to_be_visible()
    applied(page)
    expect(page.get_by_text(re.compile("Done: 9 operations"))).to_be_visible()
    assert len(site.sql(databases.CHILDREN)) == 11


def blocked_table(site, now):
    """Serve ``events``, whose DEFAULT makes readers stand in the way of a creation."""
    site.sql("CREATE TABLE events (at timestamptz NOT NULL) PARTITION BY RANGE (at)")
    daily = {"partition_interval": "1 day", "default_partition": True}
    site.engine.register("events", partition_count=1, **daily)
    site.engine.maintain()
    site.engine.register("events", partition_count=10, **daily)
    site.serve(allow=EVERYTHING)


def test_what_was_done_is_in_the_history_and_so_is_what_was_refused(
    site, gap, page, complaints
):
    applied(opened(page, site.url, table(EVENTS, "plan")))
    expect(page.get_by_text("Done: 1 operation")).to_be_visible()
    number = page.url.split("/runs/")[1].split("?")[0]
    complaints.allow("409")
    assert page.evaluate(STALE, f"{site.url}api/v1/runs") == 409
    opened(page, site.url, "runs")
    runs = page.get_by_role("group", name="Runs")
    expect(runs).to_contain_text("done")
    runs.get_by_role("link", name=number, exact=True).click()
    settled(page)
    expect(page.locator("h1")).to_have_text(f"Run {number}")
    opened(page, site.url, "actions")
    expect(page.locator("main")).to_contain_text("apply")
    expect(page.locator("main")).to_contain_text(EVENTS)
    expect(page.locator("main")).to_contain_text("allowed")
    expect(page.locator("main")).to_contain_text("refused")
