"""Maintain every table of a document with pg-partsmith, once; its own Python runs this.

Arguments: where the database is, as SQLAlchemy writes it, and the document.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pg_partsmith import PartitionsDocument
from pg_partsmith.sync import (
    PartitionLifecycleService,
    PartitionMaintainer,
    PostgresAdvisoryLockManager,
    PostgresMetadataProvider,
    PostgresPartitionRepository,
)
from sqlalchemy import create_engine


def main() -> None:
    """Maintain, and fail if there is anything to complain of."""
    url, document = sys.argv[1:]
    engine = create_engine(url)
    maintainer = PartitionMaintainer(
        PartitionLifecycleService(
            repo=PostgresPartitionRepository(engine),
            metadata=PostgresMetadataProvider(engine),
            locks=PostgresAdvisoryLockManager(engine),
        )
    )
    body = json.loads(Path(document).read_text())
    for config in PartitionsDocument.model_validate(body).configs():
        result = maintainer.run_maintenance_safe(config)
        if issues := [str(issue) for issue in result.issues]:
            sys.exit("\n".join(issues))


if __name__ == "__main__":
    main()
