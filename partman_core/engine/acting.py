"""What people do, and are refused, through doors that have them log in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partman_core.engine.core import Core
from partman_core.pg import actions, registry

if TYPE_CHECKING:
    from partman_core.pg.actions import Action


class Acting(Core):
    """The part of the history that is about people."""

    def record_action(  # noqa: PLR0913 - as many as are recorded
        self,
        *,
        actor: str,
        method: str,
        action: str,
        allowed: bool,
        target: str | None = None,
        detail: str | None = None,
        address: str | None = None,
    ) -> int | None:
        """Keep in the history what somebody did, or was refused, besides runs.

        :param method: how they were known, such as ``token``.
        :param action: in a word or two.
        :param target: what it was about, such as a table.
        :param address: where they asked from.
        :returns: its number; None: there is no history yet.
        :raises ConfigError: nothing can be written here, as on a standby.
        """
        told = actions.Action(
            actor=actor, method=method, action=action, allowed=allowed, target=target,
            detail=detail, address=address,
        )  # fmt: skip
        with self._opener.session() as opened:
            if not opened.registered:
                return None
            opened.require_writable()
            registry.ensure(opened.conn, self.schema)
            return actions.record(opened.conn, self.schema, told, opened.now)

    def actions(self, *, limit: int = 100, before: int | None = None) -> list[Action]:
        """Return what was done and refused besides runs, the newest first.

        :param limit: at most so many.
        :param before: only those with a smaller number.
        """
        with self._opener.session() as opened:
            version = opened.server.schema_version or 0
            if not opened.registered or version < actions.SINCE:
                return []
            return actions.actions(opened.conn, self.schema, limit, before)
