"""At every round trip of everything that is done, each kind of fault, and no harm done.

The round trips are those of an undisturbed run, so a new one is tried by itself.
"""

from __future__ import annotations

from typing import get_args

import pytest

from partman_core.plan import Operation

from .faults import Mode
from .scenarios import SCENARIOS
from .trials import Trials

NAMES = [scenario.name for scenario in SCENARIOS]


FEWEST = 0.8
"""A part of the round trips of the undisturbed run: others may have waited less."""


@pytest.mark.parametrize("mode", list(Mode), ids=lambda mode: mode.name.lower())
@pytest.mark.parametrize("name", NAMES)
def test_the_next_run_makes_up_for_whatever_befalls_one(ground, tried, name, mode):
    """How all begin before they change anything is tried in the first scenario."""
    first = 0 if name == NAMES[0] else ground(NAMES[0]).begins_as(ground(name))
    due = [at for at in mode.strikes(ground(name).points) if at >= first]
    trials = Trials(ground(name), mode, due)
    trials.run()
    assert not trials.complaints, "\n".join(sorted(trials.complaints))
    assert len(trials.tried) >= FEWEST * len(due) > 0
    tried[name] = tried.get(name, 0) + len(trials.tried)


def test_every_kind_of_operation_is_disturbed(ground):
    done = set().union(*(ground(name).kinds for name in NAMES))
    assert done == {kind.kind for kind in get_args(Operation)}
