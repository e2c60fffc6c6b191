"""The rules of a table's health: each looks at one thing, and says what to do.

The reader is woken at night and did not set this up.  So a sentence has the numbers
in it, and a hint the command.
"""

from __future__ import annotations

from partman_core.health.inserts import default_rows, gap, runway_short
from partman_core.health.partitions import cut_short, foreign, locked, off_grid
from partman_core.health.published import replica_identity
from partman_core.health.upkeep import last_run_failed, no_recent_run, retention_late

RULES = (
    runway_short,
    gap,
    default_rows,
    locked,
    retention_late,
    last_run_failed,
    no_recent_run,
    cut_short,
    replica_identity,
    foreign,
    off_grid,
)
"""In the order in which they are told."""
