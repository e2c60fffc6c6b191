"""Settings: typed, seen as a plan, saved; and where they are to be read only."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from . import databases
from .conftest import EVERYTHING
from .seeing import opened, panel, table

EVENTS = "public.events"


@pytest.fixture
def daily(site):
    """Return a served database with ``events``, a day a partition, ten of them."""
    site.sql("CREATE TABLE events (at timestamptz NOT NULL) PARTITION BY RANGE (at)")
    site.engine.register("events", partition_interval="1 day", partition_count=10)
    site.engine.maintain()
    site.serve(allow=EVERYTHING)
    return site


def test_a_change_is_seen_as_a_plan_before_it_is_saved(daily, page):
    opened(page, daily.url, table(EVENTS, "settings"))
    page.get_by_label("partition_count").fill("12")
    effect = panel(page, "What it would change")
    expect(effect).to_contain_text("partition_count")
    expect(effect).to_contain_text("2 operations")
    save = panel(page, "Save")
    expect(save).to_contain_text("Changed: partition_count.")
    save.get_by_role("button", name="Save settings").click()
    expect(save).to_contain_text("Saved.")
    page.reload()
    expect(page.get_by_label("partition_count")).to_have_value("12")
    assert len(daily.engine.plan("events").tables[0].operations) == 2


def test_a_mistake_stands_at_its_field_and_is_not_saved(daily, page):
    opened(page, daily.url, table(EVENTS, "settings"))
    interval = page.get_by_label("partition_interval")
    interval.fill("1 dya")
    expect(interval).to_have_attribute("aria-invalid", "true")
    expect(panel(page, "Table")).to_contain_text("dya")
    expect(page.get_by_role("button", name="Save settings")).to_be_disabled()


def test_a_retention_that_retires_more_is_typed_out(site, now, page):
    databases.in_trouble(site, now)
    site.serve(allow=EVERYTHING)
    opened(page, site.url, table(EVENTS, "settings"))
    page.get_by_label("retention_period").fill("4 days")
    effect = panel(page, "What it would change")
    expect(effect).to_contain_text("More is retired than before")
    save = panel(page, "Save")
    button = save.get_by_role("button", name="Save settings")
    expect(button).to_be_disabled()
    typed = save.get_by_label("More is retired than before")
    typed.fill("public.visits")
    expect(button).to_be_disabled()
    typed.fill(EVENTS)
    button.click()
    expect(save).to_contain_text("Saved.")
    page.reload()
    expect(page.get_by_label("retention_period")).to_have_value("4 days")


def test_a_table_from_a_file_is_read_only_and_says_why(site, tmp_path, page):
    site.sql("CREATE TABLE events (at timestamptz NOT NULL) PARTITION BY RANGE (at)")
    file = tmp_path / "partman.toml"
    file.write_text('[[tables]]\nname = "events"\npartition_interval = "1 day"\n')
    site.engine.sync(file)
    site.serve(allow=EVERYTHING)
    opened(page, site.url, table(EVENTS, "settings"))
    expect(page.locator("main")).to_contain_text(
        "declared by a settings file: change it there"
    )
    expect(page.get_by_label("partition_interval")).not_to_be_editable()
    expect(page.get_by_role("button", name="Save settings")).to_have_count(0)
