"""What the tests of the test kit share: how it is seen that a law is broken."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, settings

from partman_core.testing import LawBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


MANY = 3000


@contextmanager
def first_example() -> Iterator[None]:
    """Take the first example that breaks a law: to find a small one takes time."""
    profile = settings.get_current_profile_name()
    phases = [Phase.explicit, Phase.generate]
    settings.register_profile("first example", settings.default, phases=phases)
    settings.load_profile("first example")
    try:
        yield
    finally:
        settings.load_profile(profile)


def caught(check: Callable[..., None], *args: Any, **how: Any) -> LawBroken:
    """Return how it is told which law is broken.

    The first example is enough, so many may be tried: one that is rare is found too.
    """
    with first_example(), pytest.raises(LawBroken) as caught:
        check(*args, **{"examples": MANY, **how})
    assert isinstance(caught.value, AssertionError)
    return caught.value


def broken(check: Callable[..., None], *args: Any, **how: Any) -> str:
    """Return the sentence of the law that is broken."""
    return caught(check, *args, **how).sentence
