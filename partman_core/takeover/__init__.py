"""Taking over from other partition managers: their settings in partman's words.

Nothing here reads a database or a file: :mod:`partman_core.pg.takeover` does.
"""

from __future__ import annotations

from partman_core.takeover.values import PEERS, Peer, Proposal, Source, Template

__all__ = ["PEERS", "Peer", "Proposal", "Source", "Template"]
