"""The timeline: its labels stand under their bars, its gap is where none is."""

from __future__ import annotations

import itertools

import pytest
from playwright.sync_api import expect

from .conftest import PHONE
from .seeing import opened, table

SLACK = 1.5
"""Pixels by which a label may stand beside its bar."""


def boxes(page, part):
    """Return the boxes of one kind of part, by the slot that each belongs to."""
    found = page.locator(f"[role=application] [data-part={part}]").all()
    return {each.get_attribute("data-slot"): each.bounding_box() for each in found}


@pytest.mark.parametrize("name", ["public.events", "public.visits", "public.flights"])
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_label_stands_under_its_bar(trouble, page, name, phone):
    if phone:
        page.set_viewport_size(PHONE)
    opened(page, trouble.url, table(name))
    bars, labels = boxes(page, "bar"), boxes(page, "label")
    assert labels
    for slot, label in labels.items():
        bar = bars[slot]
        assert abs(label["x"] - bar["x"]) <= SLACK, (slot, label, bar)
        assert label["y"] >= bar["y"] + bar["height"] - SLACK
    in_order = sorted(labels.values(), key=lambda box: box["x"])
    for one, other in itertools.pairwise(in_order):
        assert one["x"] + one["width"] <= other["x"], "two labels overlap"


def test_the_gap_is_hatched_between_the_bars_around_it(trouble, page):
    opened(page, trouble.url, table("public.events"))
    gap = page.locator("[role=application] [data-part=gap]").first.bounding_box()
    for bar in boxes(page, "bar").values():
        apart = (
            bar["x"] + bar["width"] <= gap["x"] + SLACK
            or bar["x"] >= gap["x"] + gap["width"] - SLACK
        )
        assert apart, (bar, gap)


def test_the_timeline_is_read_by_keys_and_the_grid_follows(trouble, page):
    opened(page, trouble.url, table("public.visits"))
    timeline = page.get_by_role("application", name="Timeline of the partitions")
    timeline.focus()
    page.keyboard.press("Home")
    chosen = page.get_by_role("grid").locator("[aria-selected=true]")
    expect(chosen).to_have_count(1)
    first = chosen.inner_text()
    page.keyboard.press("ArrowRight")
    expect(chosen).not_to_have_text(first)
    expect(page.locator("#partition")).to_be_visible()
