"""Attaches beside a DEFAULT that is too large to be read under a lock.

A CHECK keeps the new ranges out of DEFAULT, is validated beside everybody, and goes
when they are attached.  While it stands, rows of these ranges are refused, so it is
only for ranges that nobody inserts into yet.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psycopg
from attrs import evolve

from partman_core.errors import Refused
from partman_core.executor.attempts import insist
from partman_core.pg import window
from partman_core.pg.driver import errors
from partman_core.pg.transactions import limits, recover, transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from psycopg.sql import Composed

    from partman_core.executor.work import Job
    from partman_core.pg.steps import Step
    from partman_core.plan import Create, Reopen

MOST = 100
"""Ranges that one CHECK is made of."""


def measure(job: Job) -> None:
    """Find out how much of DEFAULT an attach would read."""
    if job.facts.default is None:
        return
    try:
        found = window.size(job.work.conn, job.facts.default)
    except errors.LockNotAvailable:
        return  # whoever holds it is waited for, and told of, at the attach
    job.facts = evolve(job.facts, default_bytes=found)
    job.forget_steps()


def attach(
    job: Job, operations: list[Create], attached: Callable[[list[Create]], None]
) -> None:
    """Attach partitions within a window, some at a time.

    :param attached: attaches a list of them, and notes the outcomes.
    """
    for start in range(0, len(operations), MOST):
        _attach(job, operations[start : start + MOST], attached)


def _attach(
    job: Job, some: list[Create], attached: Callable[[list[Create]], None]
) -> None:
    started = time.monotonic()
    try:
        _prove(job, some)
    except errors.CheckViolation as error:
        recover(job.work.conn)
        close(job)
        half = len(some) // 2
        if half:
            _attach(job, some[:half], attached)
            _attach(job, some[half:], attached)
        else:
            job.failed(some[0], _in_the_way(error), time.monotonic() - started)
    except (psycopg.Error, Refused) as error:
        recover(job.work.conn)
        close(job)
        job.work.stop.go_on()
        for operation in some:
            job.failed(operation, error, time.monotonic() - started)
    else:
        attached(some)
        close(job)


def _in_the_way(error: psycopg.Error) -> Refused:
    return Refused(
        "DEFAULT holds rows that belong to this partition",
        hint="move them out of DEFAULT first; the other partitions are made",
        code="default-rows",
        sqlstate=error.sqlstate,
    )


def _prove(job: Job, some: list[Create]) -> None:
    """Keep the ranges out of DEFAULT, and have all of it read once."""
    checks = window.expressions(job.work.conn, job.facts, some)
    _insist(job, window.opening(job.facts, checks))
    job.progressed()
    job.work.conn.execute(
        transaction(
            job.facts,
            window.proving(job.facts).sql,
            limits=limits(lock=job.patience),
        )
    )
    job.progressed()


def close(job: Job) -> None:
    """Take the CHECK away again."""
    if job.facts.default is not None:
        _insist(job, window.closing(job.facts.default))


def _insist(job: Job, step: Step, after: Sequence[Composed] = ()) -> None:
    budget = limits(statement=job.budget)
    sent = transaction(job.facts, step.sql, limits=budget, after=after)
    insist(job, job.work.conn, step.locks, lambda: job.work.conn.execute(sent))


def reopen(job: Job, operations: list[Reopen]) -> None:
    """Take away what a run that was cut short has left on DEFAULT."""
    for operation in operations:
        started = time.monotonic()
        try:
            _insist(job, job.steps(operation)[0], [job.deeds([operation])])
        except (psycopg.Error, Refused) as error:
            recover(job.work.conn)
            job.work.stop.go_on()
            job.failed(operation, error, time.monotonic() - started)
        else:
            job.done(operation, time.monotonic() - started, event="reopened")
