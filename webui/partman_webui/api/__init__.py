"""The addresses under ``/api``: ``routes(app)`` yields all of them.

One module a subject.  They share what is read of the databases (:class:`Served`), so
that the same question is asked once, whichever page asks it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from partman_webui.api import about, kept, plans, runs, seed, settings, tables, tenants
from partman_webui.api.served import Served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partman_webui.app import App, Route

MODULES = (seed, about, tables, plans, runs, settings, tenants, kept)


def routes(app: App) -> Iterator[Route]:
    """Yield everything that the API answers."""
    served = Served.of(app)
    for module in MODULES:
        yield from module.routes(served)
