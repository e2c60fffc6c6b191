"""Maintain with pg-partsmith as often as a line asks for it; its own Python runs this.

A line has two numbers: days to keep ready, and days to keep.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import timedelta
from importlib.metadata import version

from pg_partsmith import (
    CreateAhead,
    DropAfter,
    KeepNewest,
    LifecyclePolicy,
    PartitionGranularity,
    RangePartitioning,
    TablePartitionConfig,
    TimeBoundaries,
)
from pg_partsmith.sync import (
    PartitionLifecycleService,
    PartitionMaintainer,
    PostgresAdvisoryLockManager,
    PostgresMetadataProvider,
    PostgresPartitionRepository,
)
from sqlalchemy import create_engine


def wanted(ahead: int, kept: int) -> TablePartitionConfig:
    """Return the settings of the table."""
    days = TimeBoundaries(granularity=PartitionGranularity.DAY)
    return TablePartitionConfig(
        schema="public",
        table_name="events",
        scheme=RangePartitioning(key="at", boundaries=days),
        lifecycle=LifecyclePolicy(
            creation=CreateAhead(count=ahead),
            retention=KeepNewest(count=kept),
            drop=DropAfter(grace=timedelta(0)),
        ),
    )


def tell(**what: object) -> None:
    """Answer with one line."""
    sys.stdout.write(json.dumps(what, default=str) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Answer each line with what went wrong."""
    logging.disable()
    engine = create_engine(sys.argv[1])
    service = PartitionLifecycleService(
        repo=PostgresPartitionRepository(engine),
        metadata=PostgresMetadataProvider(engine),
        locks=PostgresAdvisoryLockManager(engine),
    )
    maintainer = PartitionMaintainer(service)
    tell(version=version("pg-partsmith"))
    for line in sys.stdin:
        ahead, kept = map(int, line.split())
        result = maintainer.run_maintenance_safe(wanted(ahead, kept))
        tell(issues=[str(issue) for issue in result.issues])


if __name__ == "__main__":
    main()
