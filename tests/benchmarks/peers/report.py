"""What came of it: tables for people, JSON for programs, and the targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table

from peers.contenders import BestSql, Partman
from peers.latencies import Felt, pooled
from peers.racing import CREATE, RETIRE, Phase, Standing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from peers.scene import Kind

MILLISECONDS = 1000
PAUSE = 0.1
"""Seconds that the application may pause, if it does not pause longer by itself."""

SHARE = 0.95
"""Of the throughput beside the best plain SQL."""

HEADINGS = "tps", "of quiet", "p50", "p99", "longest", "silence", "lost"


def shown(
    title: str, standings: Sequence[Standing], work: int, *, judged: bool
) -> Group:
    """Return all contenders with one kind of table.

    :param judged: whether to add what partman is held to.
    """
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    table.add_column("", min_width=16)
    for heading in (*HEADINGS, "took", "done"):
        table.add_column(heading, justify="right")
    quiet = pooled([felt for each in standings for felt in each.quiet])
    table.add_row("quiet", *_cells(quiet, 0.0))
    for phase in (CREATE, RETIRE):
        table.add_section()
        table.add_row(f"[bold]{phase} {work}")
        for each in standings:
            rounds, took = each.phases[phase], _took(each, phase)
            cells = _cells(each.felt(phase), each.lost(phase) / took)
            cells += (f"{each.lost(phase):.2f} s",)
            cells += f"{took:.1f} s", _done(rounds)
            table.add_row(each.contender.name, *cells)
    verdicts = _verdicts(standings, work) if judged else ()
    return Group(table, *verdicts, *_troubles(standings), "")


def _done(rounds: Sequence[Phase]) -> str:
    """Say how much was done in the worst round."""
    worst = min(rounds, key=lambda one: (one.done, one.out))
    if worst.done < worst.out:
        return f"{worst.done}, {worst.out} out"
    return str(worst.done)


def _took(standing: Standing, phase: str) -> float:
    """Return how long a round took, in seconds: the mean."""
    return standing.felt(phase).seconds / len(standing.phases[phase])


def _cells(felt: Felt, lost: float) -> tuple[str, ...]:
    return (
        f"{felt.throughput:.0f}",
        f"{1 - lost:.2f}",
        f"{felt.quantile(0.5) * MILLISECONDS:.2f} ms",
        f"{felt.quantile(0.99) * MILLISECONDS:.1f} ms",
        f"{felt.longest * MILLISECONDS:.0f} ms",
        f"{felt.silence * MILLISECONDS:.0f} ms",
    )


def _verdicts(standings: Sequence[Standing], work: int) -> Iterator[str]:
    """Say how partman does against what it is held to."""
    found = {each.contender: each for each in standings}
    partman, best = found.get(Partman), found.get(BestSql)
    if partman is None:
        return
    for phase in (CREATE, RETIRE):
        for told, met in _targets(phase, partman, best, work):
            yield f"{'met     ' if met else '[bold]MISSED[/]  '}{phase}: {told}"


def _targets(
    phase: str, partman: Standing, best: Standing | None, work: int
) -> Iterator[tuple[str, bool]]:
    felt, rounds = partman.felt(phase), partman.phases[phase]
    allowed = max(PAUSE, pooled(partman.quiet).longest)
    told = f"{felt.longest * MILLISECONDS:.0f} ms, at most "
    yield f"{told}{allowed * MILLISECONDS:.0f} ms", felt.longest <= allowed
    if best is not None:
        share = _share(phase, partman, best)
        told = f"{share:.2f} x the throughput beside {best.contender.name}"
        yield f"{told}, at least {SHARE} x", share >= SHARE
    least = min(one.done for one in rounds)
    yield f"{least} of {work} done in time", least == work


def _share(phase: str, one: Standing, other: Standing) -> float:
    """Compare two throughputs, over the time that the slower of the two takes.

    Else who spreads the same load over a longer time would look better.
    """
    both = max(_took(one, phase), _took(other, phase))
    return (both - one.lost(phase)) / ((both - other.lost(phase)) or 1.0)


def _troubles(standings: Sequence[Standing]) -> Iterator[str]:
    """Name what went wrong, of each contender the first."""
    for each in standings:
        told = [*each.trouble, *(t for one in _phases(each) for t in one.trouble)]
        failed = sum(one.felt.failed for one in _phases(each))
        if failed:
            told.append(f"{failed} transactions of clients failed")
        if told:
            first = told[0].strip().replace("[", r"\[")
            yield f"{each.contender.name}, {len(told)} times, as: {first}"


def _phases(standing: Standing) -> list[Phase]:
    return [each for some in standing.phases.values() for each in some]


def as_json(standing: Standing) -> dict[str, Any]:
    """Return what one contender achieved."""
    return {
        "contender": standing.contender.name,
        "version": standing.version,
        "table": standing.kind.name,
        "trouble": standing.trouble,
        "quiet": [_numbers(felt) for felt in standing.quiet],
        **{
            phase: [
                _numbers(one.felt)
                | {
                    "done": one.done,
                    "out": one.out,
                    "calls": one.calls,
                    "trouble": one.trouble,
                }
                for one in rounds
            ]
            for phase, rounds in standing.phases.items()
        },
    }


def _numbers(felt: Felt) -> dict[str, Any]:
    return {
        "seconds": felt.seconds,
        "transactions": felt.done,
        "failed": felt.failed,
        "throughput": felt.throughput,
        "p50": felt.quantile(0.5),
        "p99": felt.quantile(0.99),
        "longest": felt.longest,
        "silence": felt.silence,
    }


def by_kind(standings: Sequence[Standing]) -> dict[Kind, list[Standing]]:
    """Group what belongs into one table."""
    found: dict[Kind, list[Standing]] = {}
    for each in standings:
        found.setdefault(each.kind, []).append(each)
    return found
