"""The log on stderr: one line an event, for people or for programs."""

from __future__ import annotations

import json
import logging
import re

import pytest

from partman_core.cli.logs import shown

LOG = logging.getLogger("partman")


def test_a_line_for_people_says_when_how_grave_and_what(capsys):
    with shown("text"):
        LOG.warning("%s of\n%s", 3, "many")
    said = capsys.readouterr().err
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ WARNING 3 of many\n", said)


def test_a_line_for_programs_has_all_that_is_known(capsys):
    with shown("json"):
        LOG.info("run %s", 7, extra={"event": "pass-ended", "table": "a.b"})
    (line,) = capsys.readouterr().err.splitlines()
    body = json.loads(line)
    assert body.pop("at").endswith("+00:00")
    assert body == {
        "level": "info",
        "message": "run 7",
        "event": "pass-ended",
        "table": "a.b",
    }


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_bug_has_its_traceback(capsys, form):
    with shown(form):
        LOG.error("failed", exc_info=KeyError("oops"))
    said = capsys.readouterr().err
    assert "KeyError: 'oops'" in said
    if form == "json":
        assert json.loads(said)["traceback"] == "KeyError: 'oops'"


def test_what_is_shown_depends_on_who_asks(capsys):
    def said(**how: bool) -> list[str]:
        with shown("text", **how):
            LOG.debug("one")
            LOG.info("two")
            LOG.warning("three")
        return [line.split()[-1] for line in capsys.readouterr().err.splitlines()]

    LOG.setLevel(logging.CRITICAL)
    assert said() == ["two", "three"]
    assert said(quiet=True) == ["three"]
    LOG.setLevel(logging.DEBUG)
    assert said() == ["one", "two", "three"]


def test_the_log_is_as_it_was_afterwards(capsys):
    before = (LOG.level, LOG.propagate, list(LOG.handlers))
    with pytest.raises(ZeroDivisionError), shown("json"):
        raise ZeroDivisionError
    assert (LOG.level, LOG.propagate, list(LOG.handlers)) == before
    with shown("text"):
        pass
    LOG.warning("not here")
    assert capsys.readouterr().err == ""
