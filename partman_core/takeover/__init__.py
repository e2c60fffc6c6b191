"""Taking over from other partition managers: their settings in partman's words.

Nothing here reads a database or a file: :mod:`partman_core.pg.takeover` does.
"""

from __future__ import annotations

from partman_core.takeover.values import (
    PEERS,
    Depth,
    Inside,
    Peer,
    Proposal,
    Source,
    Template,
    served,
)

__all__ = [
    "PEERS",
    "Depth",
    "Inside",
    "Peer",
    "Proposal",
    "Source",
    "Template",
    "served",
]
