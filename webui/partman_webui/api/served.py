"""What all addresses of the API have in common: the app, and its databases."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from attrs import frozen

from partman_webui.database import Database
from partman_webui.stream import Streams

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partman_webui.app import App, Asked

LOOK_AGAIN = 0.05
"""Seconds between two looks whether runs have ended, when the server does."""


@frozen(kw_only=True)
class Served:
    """The app, its databases, and the streams that are on."""

    app: App
    databases: Mapping[str, Database]
    streams: Streams

    @classmethod
    def of(cls, app: App) -> Served:
        """Return what an app serves."""
        databases = {
            name: Database(name, engine) for name, engine in app.engines.items()
        }
        found = cls(app=app, databases=databases, streams=Streams(stop=app.closing))
        app.at_close(found.end)
        return found

    def database(self, asked: Asked) -> Database:
        """Return the database that a request is about."""
        return self.databases[asked.database]

    def end(self, patience: float) -> bool:
        """Have the runs that were started here end in good order.

        :param patience: seconds that they have.
        """
        for database in self.databases.values():
            database.deeds.stop()
        end = time.monotonic() + patience
        while any(one.deeds.is_busy for one in self.databases.values()):
            if time.monotonic() > end:
                return False
            time.sleep(LOOK_AGAIN)
        return True

    def record(
        self, asked: Asked, action: str, target: str | None, detail: str | None = None
    ) -> None:
        """Keep in the history what was done."""
        self.app.record(
            asked.actor, action, target, True, detail, database=asked.database
        )
