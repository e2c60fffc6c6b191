"""Reads of one database, kept for a moment: fifty open tabs load it like one.

Whoever asks while a read is on waits for that one.  Where it takes long, or fails, the
answer is what was read before, and says so: a page never hangs with the database.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from attrs import define, field, frozen

from partman_core.errors import Blocked
from partman_webui.problems import ProblemError, problem

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

TTL = 10.0
"""Seconds for which what was read is as good as new."""

PATIENCE = 0.5
"""Seconds to wait for a read where something older is at hand."""

SLACK = 20.0
"""Seconds for which what is no longer new is shown without a word while it is read
again: of a large table that takes a while, and nothing is wrong."""

FIRST_PATIENCE = 10.0
"""The same where nothing is.  The reads themselves give up on locks much sooner; this
is for a large database, and a busy one."""

AGAIN = 2.0
"""Seconds after which a read that failed is tried again."""


@frozen
class Read(Generic[T]):
    """What was read.

    :param stale: it could not be read now, and was read before.
    """

    value: T
    stale: bool = False


@define
class _Flight(Generic[T]):
    """A read that is on."""

    over: threading.Event = field(factory=threading.Event)
    value: T | None = None
    error: Exception | None = None


class Cached(Generic[T]):
    """One read, and what it last gave.

    :param load: reads; it may raise.
    :param ttl: seconds for which what it gave is as good as new.
    :param clock: the monotonic clock.
    """

    def __init__(
        self,
        load: Callable[[], T],
        *,
        ttl: float = TTL,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load = load
        self._ttl = ttl
        self._patience = patience
        self._clock = clock
        self._turn = threading.Lock()
        self._good: Read[T] | None = None
        self._error: Exception | None = None
        self._until = self._at = 0.0
        self._flight: _Flight[T] | None = None

    def get(self) -> Read[T]:
        """Return what was read, now or a moment ago.

        :raises Exception: what the read raised, where nothing older is at hand.
        :raises ProblemError: it takes too long, and nothing older is at hand.
        """
        with self._turn:
            good = self._good
            if self._clock() < self._until:
                if self._error is None and good is not None:
                    return good
                if self._error is not None:
                    return self._fallen_back(self._error)
            flight = self._flight or self._begun()
        if not flight.over.wait(FIRST_PATIENCE if good is None else self._patience):
            if good is not None and self._clock() - self._at < self._ttl + SLACK:
                return good
            return self._fallen_back(_slow())
        if flight.error is not None:
            return self._fallen_back(flight.error)
        return Read(cast("T", flight.value))

    def forget(self) -> None:
        """Have it read anew when somebody asks; what is being read now is too old."""
        with self._turn:
            self._until, self._flight = 0.0, None

    def _begun(self) -> _Flight[T]:
        self._flight = flight = _Flight[T]()
        threading.Thread(
            target=self._fly, args=(flight,), name="partman read", daemon=True
        ).start()
        return flight

    def _fly(self, flight: _Flight[T]) -> None:
        try:
            flight.value = self._load()
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            flight.error = error
        with self._turn:
            if self._flight is flight:
                self._flight = None
                self._error = flight.error
                self._until = self._clock() + (AGAIN if flight.error else self._ttl)
                if flight.error is None:
                    self._good, self._at = Read(cast("T", flight.value)), self._clock()
        flight.over.set()

    def _fallen_back(self, error: Exception) -> Read[T]:
        if self._good is None:
            if isinstance(error, Blocked):  # of a read that is nobody's conflict
                raise _busy(error.message, error.hint) from error
            raise error
        return Read(self._good.value, stale=True)


class Reads:
    """The reads of one database, by what they are of.

    :param most: how many are kept; those that were asked for longest ago go first.
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, most: int = 2000
    ) -> None:
        self._clock = clock
        self._most = most
        self._turn = threading.Lock()
        self._kept: dict[Any, Cached[Any]] = {}

    def get(
        self, key: Any, load: Callable[[], T], *, ttl: float | None = None
    ) -> Read[T]:
        """Return what *load* reads, or has read a moment ago.

        :param key: what it is of, hashable.
        :param ttl: seconds for which it is as good as new; None: as usual.
        """
        with self._turn:
            kept = self._kept.pop(key, None)
            if kept is None:
                usual = TTL if ttl is None else ttl
                kept = Cached(load, ttl=usual, clock=self._clock)
            self._kept[key] = kept  # the last to go
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]
        return cast("Cached[T]", kept).get()

    def forget(self) -> None:
        """Have everything read anew: something was changed through the pages."""
        with self._turn:
            every = list(self._kept.values())
        for kept in every:
            kept.forget()


def _slow() -> ProblemError:
    return _busy(
        "The database takes too long to answer.",
        "Try again in a moment; `partman check` says more.",
    )


def _busy(detail: str, hint: str | None) -> ProblemError:
    return problem("db-busy", detail, hint=hint, headers={"Retry-After": "5"})
