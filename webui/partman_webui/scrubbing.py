"""Passwords are nobody's business: what leaves this process is searched for them."""

from __future__ import annotations

import os
import traceback
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import psycopg
from attrs import evolve, field, frozen
from psycopg.conninfo import conninfo_to_dict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partman_core import Engine
    from partman_webui.shapes import Problem

HIDDEN = "***"


@frozen
class Scrubber:
    """Takes passwords out of texts.

    :param secrets: the longest first, so that none is left over in part.
    """

    secrets: tuple[str, ...] = field(repr=False)

    @classmethod
    def of_engines(cls, engines: Iterable[Engine]) -> Scrubber:
        """Return one for what these engines connect with."""
        # an engine tells nobody, and that is as it should be
        return cls.of(vars(engine).get("_target") for engine in engines)

    @classmethod
    def of(cls, targets: Iterable[object]) -> Scrubber:
        """Return one for the passwords of these DSNs, and that of libpq's variable.

        :param targets: what engines connect with; what is no text has no password.
        """
        found = {os.environ.get("PGPASSWORD", "")}
        for target in targets:
            found |= _passwords(target)
        spelt = {way(one) for one in found if one for way in (str, _quoted, unquote)}
        return cls(tuple(sorted(spelt, key=len, reverse=True)))

    def clean(self, text: str) -> str:
        """Return a text without passwords."""
        for secret in self.secrets:
            text = text.replace(secret, HIDDEN)
        return text

    def is_clean(self, error: BaseException) -> bool:
        """Say whether the traceback of an error has no passwords in it."""
        trace = _trace(error)
        return self.clean(trace) == trace

    def told(self, error: BaseException) -> str:
        """Return what an error says; its traceback, where that has passwords in it."""
        if self.is_clean(error):
            return f"{type(error).__name__}: {error}"
        return self.clean(_trace(error))

    def problem(self, told: Problem) -> Problem:
        """Return a problem without passwords."""
        return evolve(
            told,
            detail=self.clean(told.detail),
            hint=told.hint and self.clean(told.hint),
            errors=[evolve(one, detail=self.clean(one.detail)) for one in told.errors],
        )


def _trace(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)).rstrip()


def _passwords(target: Any) -> set[str]:
    if not isinstance(target, str):
        return set()
    try:
        params = conninfo_to_dict(target)
    except psycopg.ProgrammingError:
        return {target}  # nobody knows what of it is secret
    return {str(params[name]) for name in ("password", "sslpassword") if name in params}


def _quoted(text: str) -> str:
    return quote(text, safe="")
