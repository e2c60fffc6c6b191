"""A plugin that saves a partition's rows to a file before the partition is dropped.

    python examples/pre_drop_hook.py postgresql://localhost/scratch archive/

While the directory is missing, the plugin says no: the partition is kept, the report
says why, and the run ends with 3.  Make the directory and run it again.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.sql import SQL, Identifier

from partman_core import Engine, hookimpl

if TYPE_CHECKING:
    from partman_core.model import Retired

TABLE = "partman_example.sales"
CREATE = """
CREATE SCHEMA IF NOT EXISTS partman_example;
CREATE TABLE IF NOT EXISTS partman_example.sales (
    at     timestamptz NOT NULL,
    amount numeric     NOT NULL
) PARTITION BY RANGE (at);
CREATE TABLE IF NOT EXISTS partman_example.sales_p2013
    PARTITION OF partman_example.sales
    FOR VALUES FROM ('2013-01-01 00:00+00') TO ('2014-01-01 00:00+00');
INSERT INTO partman_example.sales_p2013
    SELECT timestamptz '2013-01-01 12:00+00' + n * interval '1 day', n
      FROM generate_series(0, 364) n
     WHERE NOT EXISTS (SELECT FROM partman_example.sales_p2013)
"""


class SaveFirst:
    """Write each partition to a CSV file before it is dropped.

    :param directory: where to; without it nothing is dropped.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @hookimpl
    def partman_pre_drop(
        self, partition: Retired, conn: psycopg.Connection[Any]
    ) -> None:
        """Save the rows; whatever is raised here keeps the partition."""
        if not self.directory.is_dir():
            raise RuntimeError(f"{self.directory} is missing; is the disk mounted?")
        schema, relation = partition.name.schema or "public", partition.name.relation
        rows = SQL("COPY {} TO STDOUT (FORMAT csv, HEADER)")
        target = self.directory / f"{schema}.{relation}.csv"
        part = target.with_suffix(".part")  # what is called .csv is complete
        with conn.cursor() as cursor, part.open("wb") as file:
            with cursor.copy(rows.format(Identifier(schema, relation))) as copy:
                file.writelines(copy)
            os.fsync(file.fileno())  # the drop that follows cannot be undone
        part.rename(target)


def main(dsn: str, directory: str = "archive") -> int:
    with psycopg.connect(dsn) as conn:
        conn.execute(CREATE)
    engine = Engine(dsn, plugins=[SaveFirst(Path(directory))])
    engine.register(
        TABLE,
        partition_interval="1 year",
        partition_count=2,
        retention_period="5 years",
    )
    # retention leaves alone what is not ours; what is over already needs a word more
    engine.import_existing_partitions(TABLE, confirm=True)
    report = engine.maintain(TABLE)
    print(report)
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main(*(sys.argv[1:] or [os.environ.get("PARTMAN_DSN", "")])))
