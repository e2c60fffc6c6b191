"""Tenants: one comes with a retention of its own, one goes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from . import databases
from .conftest import EVERYTHING
from .seeing import opened, panel, table

FLIGHTS = "public.flights"


@pytest.fixture
def airlines(site, now):
    """Return a served database with ``flights``, a tenant for each carrier."""
    databases.tenants(site, now)
    site.serve(allow=EVERYTHING)
    return site


def test_a_tenant_is_added_with_a_retention_of_its_own(airlines, page):
    opened(page, airlines.url, table(FLIGHTS, "tenants"))
    page.get_by_role("button", name="Add a tenant").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Tenant").fill("AA 'n' co")
    dialog.get_by_label(re.compile("Retention|Keep", re.IGNORECASE)).first.fill(
        "90 days"
    )
    add = dialog.get_by_role("button", name="Add", exact=True)
    expect(add).to_be_disabled()
    dialog.get_by_role("button", name="Preview").click()
    expect(dialog).to_contain_text("AA 'n' co")
    expect(dialog.get_by_role("listitem").first).to_contain_text("create")
    add.click()
    expect(dialog).to_have_count(0)
    expect(page.locator("main")).to_contain_text("added: AA 'n' co")
    tenants = page.get_by_role("group", name="Tenants")
    expect(tenants.get_by_role("row", name=re.compile("AA 'n' co"))).to_contain_text(
        "90 days"
    )
    page.get_by_role("link", name="Preview the plan").click()
    expect(page.locator("main")).to_contain_text("tenant AA 'n' co")


def test_a_tenant_is_let_go_when_the_tables_name_is_typed(airlines, page):
    opened(page, airlines.url, table(FLIGHTS, "tenants"))
    page.get_by_role("button", name="Let go: UA").click()
    dialog = page.get_by_role("dialog")
    go = dialog.get_by_role("button", name="Let go", exact=True)
    dialog.get_by_role("button", name="Preview").click()
    expect(go).to_be_disabled()
    dialog.get_by_label(re.compile("To confirm, type")).fill(FLIGHTS)
    go.click()
    expect(page.locator("main")).to_contain_text("let go: UA")
    registered = [one.tenant for one in airlines.engine.tenants("flights") if one.known]
    assert registered == ["DL", "o'brien & söhne"]


def test_the_partitions_of_one_tenant_are_a_link_away(airlines, page):
    opened(page, airlines.url, table(FLIGHTS, "tenants"))
    row = page.get_by_role("row", name=re.compile("o'brien"))
    row.get_by_role("link", name=re.compile("partition")).click()
    grid = page.get_by_role("grid", name="Partitions")
    expect(grid).to_contain_text("o'brien & söhne")
    expect(grid).not_to_contain_text("UA")
    expect(panel(page, "Partitions: ")).to_be_visible()
