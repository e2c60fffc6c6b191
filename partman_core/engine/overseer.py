"""Whether somebody wants a run to end: asked in the registry while the run is on."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from attrs import define, field

from partman_core.errors import PartmanError
from partman_core.pg import registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partman_core.engine.crew import Crew
    from partman_core.engine.opening import Opener

ASK_EVERY = 1.0
"""Seconds between two questions; a run that is over sooner is not asked about."""


@define
class Overseer:
    """Asks, in a session of its own, whether a run is to end."""

    opener: Opener
    schema: str
    crew: Crew
    _over: threading.Event = field(factory=threading.Event)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Ask for as long as the block runs."""
        asking = threading.Thread(target=self._ask, name="partman stop", daemon=True)
        asking.start()
        try:
            yield
        finally:
            self._over.set()
            asking.join()

    def _ask(self) -> None:
        while not self._over.wait(ASK_EVERY):
            try:
                with self.opener.connect() as conn:
                    self._keep_asking(conn)
            except (psycopg.Error, PartmanError) as error:
                self.crew.log.debug("nobody can stop run %s: %s", self.crew.run, error)

    def _keep_asking(self, conn: psycopg.Connection[object]) -> None:
        while True:
            if registry.is_to_stop(conn, self.schema, self.crew.run):
                # Again each time: a statement that was about to be sent is missed.
                self.crew.end()
            if self._over.wait(ASK_EVERY):
                return
