"""Plans, reports and bounds in words, made from the same JSON that programs get."""

from __future__ import annotations

import re
from datetime import datetime
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from partman_core.naming import Name
from partman_core.zones import told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Paint = Callable[[str, str], str]
    Entry = Mapping[str, Any]

SIGNS = {
    "reopen": ("~", "change"), "settle": ("~", "change"),
    "create": ("+", "good"), "discard": ("-", "bad"), "attach": ("+", "good"),
    "finalize": ("~", "change"), "detach": ("~", "change"), "move": ("~", "change"),
    "drop": ("-", "bad"),
}  # fmt: skip
RESULTS = {"done": "good", "failed": "bad", "skipped": "change"}
SEVERITIES = {"info": "quiet", "warning": "change", "error": "bad"}
_STAMP = re.compile(
    r"(?P<day>\d{4,}-\d\d-\d\d) (?P<minute>\d\d:\d\d)(?P<second>:\d\d(?:\.\d+)?)"
    r"(?P<utc>\+00)?(?P<era> BC)?"
)
"""A moment in a bound, as PostgreSQL writes it in UTC."""
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_KIBI = 1024
SHORTEST_TOLD = 0.0005
"""Seconds: what took less is told without its time."""


def size(number: int | None) -> str:
    """Say a number of bytes in steps of 1024; an empty string where it is unknown."""
    if number is None:
        return ""
    value, unit = float(number), 0
    while value >= _KIBI and unit < len(_UNITS) - 1:
        value, unit = value / _KIBI, unit + 1
    return f"{value:.0f} B" if unit == 0 else f"{value:.1f} {_UNITS[unit]}"


def count(rows: int | None, unit: str = "") -> str:
    """Say PostgreSQL's estimate of a number of rows."""
    return "never analysed" if rows is None else f"≈{rows:,}{unit}"


def edge(value: Any) -> str:
    """Say one bound; a midnight is a date."""
    if isinstance(value, dict):
        return str(value["edge"])
    found = _STAMP.fullmatch(str(value))
    return _moment(**found.groupdict("")) if found else str(value)


def moment(value: datetime) -> str:
    """Say when something happened, to the minute: ``2027-02-01 00:00 UTC``.

    :param value: aware.
    """
    return told(value)


def _moment(*, day: str, minute: str, second: str, utc: str, era: str) -> str:
    """Say a moment as :func:`moment` does; seconds count, as bounds are exact."""
    if second == ":00":
        if minute == "00:00":
            return day + era
        second = ""
    zone = " UTC" if utc else ""
    return f"{day} {minute}{second}{zone}{era}"


def edges(bounds: Entry | None) -> tuple[str, str]:
    """Say both ends of *bounds* (as JSON); other than ranges have no second one."""
    match bounds:
        case None:
            return "locked", ""
        case {"kind": "range", "lower": lower, "upper": upper}:
            return ", ".join(map(edge, lower)), ", ".join(map(edge, upper))
        case {"kind": "list", "values": values}:
            said = ("NULL" if value is None else str(value) for value in values)
            return ", ".join(said), ""
        case {"kind": "hash", "modulus": modulus, "remainder": remainder}:
            return f"remainder {remainder} of {modulus}", ""
    return "DEFAULT", ""


def span(bounds: Entry | None) -> str:
    """Say *bounds* in one cell."""
    lower, upper = edges(bounds)
    return f"{lower} … {upper}" if upper else lower


def plan_lines(plan: Entry, paint: Paint) -> Iterator[str]:
    """Say a plan.

    :param plan: as :meth:`~partman_core.plan.Plan.to_json` gives it; operations
        may carry ``steps``, which are shown below them.
    """
    for table in plan["tables"]:
        yield paint(table["table"], "strong")
        yield from _operations(table["operations"], table["table"], paint)
        yield from finding_lines(table["findings"], paint)
        if not table["operations"] and not table["findings"]:
            yield "  nothing to do"
        yield ""
    yield f"Plan {plan['hash']}: {tally(plan)}."


def operations_of(plan: Entry) -> list[Entry]:
    """Return all operations of a plan or a report in JSON."""
    return [entry for table in plan["tables"] for entry in table["operations"]]


def tally(plan: Entry) -> str:
    """Count a plan's operations by kind, and what is gone for good after them."""
    entries = operations_of(plan)
    kinds = [entry["kind"] for entry in entries]
    parts = [f"{kinds.count(k)} to {k}" for k in SIGNS if k in kinds]
    freed = sum(e.get("bytes") or 0 for e in entries if e["kind"] == "drop")
    gone = f" (frees {size(freed)} for good)" if freed else ""
    return (", ".join(parts) or "nothing to do") + gone


def _operations(entries: Sequence[Entry], table: str, paint: Paint) -> Iterator[str]:
    names = [_short(entry["partition"], table) for entry in entries]
    spans = [span(entry["bounds"]) for entry in entries]
    wide, long = max(map(len, names), default=0), max(map(len, spans), default=0)
    for entry, name, held in zip(entries, names, spans, strict=True):
        sign, style = SIGNS[entry["kind"]]
        head = paint(f"{sign} {entry['kind']:<8}", style)
        facts = (_weight(entry), _inside(entry), entry["reason"])
        why = "; ".join(filter(None, facts))
        yield f"  {head} {name:<{wide}}  {held:<{long}}  {why}".rstrip()
        for step in entry.get("steps", ()):
            yield from _step_lines(step, paint)


def _weight(entry: Entry) -> str:
    if "rows" not in entry:
        return ""
    return f"{size(entry['bytes'])}, {count(entry['rows'], ' rows')}"


def _inside(entry: Entry) -> str:
    """Say how many partitions a new one is built with."""
    return f"with {_leaves(entry)} inside" if "inner" in entry else ""


def _leaves(entry: Entry) -> int:
    return sum(map(_leaves, entry["inner"])) if "inner" in entry else 1


def _short(partition: str, table: str) -> str:
    """Leave the schema out where it is the table's own."""
    name = Name.parse(partition)
    if name.schema != Name.parse(table).schema:
        return partition
    return str(Name(None, name.relation))


def _step_lines(step: Entry, paint: Paint) -> Iterator[str]:
    if "locks" in step:
        locks = [f"{lock['mode']} on {lock['relation']}" for lock in step["locks"]]
        told = ", ".join(locks) or "none"
        waits = f" ({step['waits']})" if step["waits"] else ""
        yield paint(f"      locks: {told}{waits}", "quiet")
    if "sql" in step:
        for line in step["sql"].splitlines():
            yield f"      {line}"


def finding_lines(findings: Sequence[Entry], paint: Paint) -> Iterator[str]:
    """Say findings (as JSON), each with the way out below it."""
    for found in findings:
        head = f"{found['severity']}[{found['code']}]"
        yield f"  ! {paint(head, SEVERITIES[found['severity']])}: {found['message']}"
        if found["hint"]:
            yield f"    = try: {found['hint']}"


def report_lines(report: Entry, paint: Paint) -> Iterator[str]:
    """Say what a run did.

    :param report: as :meth:`~partman_core.report.Report.to_json` gives it.
    """
    for table in report["tables"]:
        yield paint(table["table"], "strong")
        yield from _outcome_lines(table, paint)
        yield from finding_lines(table["findings"], paint)
        if table["runway"]:
            yield f"  {table['runway']}"
        yield ""
    yield from finding_lines(report["findings"], paint)
    yield tally_done(report)
    if report["interrupted"]:
        yield "Interrupted: the next run finishes the rest."


def _outcome_lines(table: Entry, paint: Paint) -> Iterator[str]:
    if table["error"]:
        yield f"  {paint('failed', 'bad')}: {table['error']}"
    if table["skipped"]:
        yield f"  {paint('skipped', 'change')}: {table['skipped']}"
    if table["hint"]:
        yield f"    = try: {table['hint']}"
    entries = table["operations"]
    names = [_short(entry["partition"], table["table"]) for entry in entries]
    wide = max(map(len, names), default=0)
    for entry, name, after in zip_longest(entries, names, entries[1:]):
        result = paint(f"{entry['result']:<7}", RESULTS[entry["result"]])
        took = _took(entry["seconds"]) if entry["result"] == "done" else ""
        yield f"  {result} {entry['kind']:<8} {name:<{wide}}  {took}".rstrip()
        if after is None or _why(entry) != _why(after):
            yield from _why(entry)


def _took(seconds: float) -> str:
    """Say how long it took; what is a share of a batch is often too short to tell."""
    return f"{seconds * 1000:.0f} ms" if seconds >= SHORTEST_TOLD else ""


def _why(entry: Entry) -> list[str]:
    """Say why an operation was not done; several with one reason share the lines."""
    lines = []
    if entry["message"]:
        state = f" [SQLSTATE {entry['sqlstate']}]" if entry["sqlstate"] else ""
        lines.append(f"    = why: {entry['message']}{state}")
    if entry["hint"]:
        lines.append(f"    = try: {entry['hint']}")
    return lines


def tally_done(report: Entry) -> str:
    """Count what a run did, could not do, and left, by kind."""
    entries = operations_of(report)
    told = []
    for result, word in (("done", "Done"), ("failed", "Failed"), ("skipped", "Left")):
        kinds = [entry["kind"] for entry in entries if entry["result"] == result]
        counted = [f"{kinds.count(kind)} × {kind}" for kind in SIGNS if kind in kinds]
        told += [f"{word}: {', '.join(counted)}."] if counted else []
    if told:
        return " ".join(told)
    if not report["tables"]:
        return "No table is managed yet; try: partman register TABLE --help"
    wrong = report["interrupted"] or any(
        table["error"] or table["skipped"] or _grave(table)
        for table in report["tables"]
    )
    return "Nothing was done." if wrong else "Nothing had to be done."


def _grave(table: Entry) -> bool:
    return any(found["severity"] != "info" for found in table["findings"])
