"""How often something may happen: failed logins of an address, writes of a login."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict, deque
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from partman_webui.problems import problem

if TYPE_CHECKING:
    from partman_webui.options import Options

MINUTE = 60.0
MOST_KEYS = 10_000
"""So many are remembered; whoever was seen longest ago is forgotten first."""


@define
class Limit:
    """So many times in a minute, for each key.

    :param most: how often.
    """

    most: int
    _seen: OrderedDict[str, deque[float]] = field(factory=OrderedDict)
    _lock: threading.Lock = field(factory=threading.Lock)

    def wait(self, key: str, now: float) -> float:
        """Return the seconds until it may happen again; 0: it may now."""
        with self._lock:
            times = self._recent(key, now)
            return 0.0 if len(times) < self.most else times[0] + MINUTE - now

    def count(self, key: str, now: float) -> None:
        """Note that it happened."""
        with self._lock:
            times = self._recent(key, now)
            times.append(now)
            self._seen[key] = times
            self._seen.move_to_end(key)
            while len(self._seen) > MOST_KEYS:
                self._seen.popitem(last=False)

    def take(self, key: str, now: float) -> float:
        """Note that it happens, if it may; return the seconds until it may."""
        if not (wait := self.wait(key, now)):
            self.count(key, now)
        return wait

    def _recent(self, key: str, now: float) -> deque[float]:
        times = self._seen.get(key, deque(maxlen=self.most))
        while times and times[0] <= now - MINUTE:
            times.popleft()
        return times


@frozen(kw_only=True)
class Limits:
    """All limits of one application.

    :param logins: failed ones, by address.
    :param writes: by login.
    :param plans: by login.
    :param refusals: that are kept in the history, by address; more are only logged,
        so that nobody can fill the database by being refused.
    """

    logins: Limit
    writes: Limit
    plans: Limit
    refusals: Limit

    @classmethod
    def of(cls, options: Options) -> Limits:
        """Return the limits that the options name."""
        return cls(
            logins=Limit(options.failed_logins),
            writes=Limit(options.writes),
            plans=Limit(options.plans),
            refusals=Limit(30),
        )


def too_often(what: str, wait: float) -> Exception:
    """Return the refusal of what happens too often.

    :param what: such as "logins failed from this address".
    :param wait: seconds until it may happen again.
    """
    seconds = max(1, math.ceil(wait))
    return problem(
        "rate-limited",
        f"Too many {what} in the last minute.",
        hint=f"Try again in {seconds} s.",
        headers={"Retry-After": str(seconds)},
    )
