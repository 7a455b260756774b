"""Weights of a panel of judges: a CSV with one row a judge, points that add up to 100.

Two forms. *Plain*: a column a criterion, and the points of a row add up to 100. *Grouped*, as experts are asked: the
columns ``access`` and ``nature`` hold the points of the groups, which add up to 100, and the points of the criteria add
up to 100 within each group. A criterion without a column has no points.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from corridor.core.csv_tables import check_header
from corridor.core.errors import Problem, Problems, ScenarioError, printable, unknown
from corridor.schema.comparison import Criterion, Group

JUDGE = "judge"
WHOLE = 100.0
SLACK = 0.05
"""Points that a sum may miss, so that three times 33.33 will do."""
MOST_JUDGES = 10_000


@dataclass(frozen=True)
class Panel:
    """Judges and their weights.

    Attributes
    ----------
    panel_id
        The file's name without ending.
    judges
        Names or numbers, in order of the file.
    weights
        (judge, criterion) from 0 to 1, in the order of the criteria that have a value; each row adds up to 1.
    """

    panel_id: str
    judges: tuple[str, ...]
    weights: NDArray[np.float64]


@dataclass(frozen=True)
class _Row:
    """A row of the file: the line it begins on, the judge, and the points by column."""

    where: str
    judge: str
    points: dict[str, float]


def read_weights(path: Path, criteria: Sequence[Criterion]) -> Panel:
    """Read the weights of a panel on the criteria that have a value.

    Parameters
    ----------
    path
        A CSV in one of the two forms.
    criteria
        The criteria with an anchor, in order.

    Returns
    -------
    Panel
        Weights (judges, criteria), each row adding up to 1.

    Raises
    ------
    ScenarioError
        With every problem: file, line, the value or sum, and what was expected.
    """
    lines = _lines(path)
    known = {c.id: c for c in criteria}
    (_, columns), *judged = lines
    _check_columns(path, columns, known)
    seen: set[str] = set()
    with Problems(ScenarioError) as problems:
        rows = [_row(path.name, line, columns, cells, problems) for line, cells in judged]
        for row in rows:
            if row.judge in seen:
                problems.add(row.where, f"judge {row.judge!r} a second time", "each judge once", "remove one")
            seen.add(row.judge)
            problems.extend(_sums(row, known))
    weights = np.array([_weights(row.points, known) for row in rows])
    return Panel(path.stem, tuple(row.judge for row in rows), weights)


def _groups(known: dict[str, Criterion]) -> tuple[str, ...]:
    """The groups that hold a criterion with a value: no others can be weighed."""
    used = {c.group for c in known.values()}
    return tuple(g for g in get_args(Group) if g in used)


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """Rows that are not empty, with the line on which each ends."""
    try:
        raw = path.read_bytes()
        check_header(raw)
        reader = csv.reader(raw.decode("utf-8-sig").splitlines(), strict=True)
        stripped = ((reader.line_num, [c.strip() for c in cells]) for cells in reader)
        rows = [(line, cells) for line, cells in stripped if any(cells)]
    except (OSError, ValueError, csv.Error) as error:
        what = f"cannot be read ({printable(str(error))[:100]})"
        raise ScenarioError.at(str(path), what, "a CSV of weights in UTF-8", "see docs/ranking.md") from None
    if len(rows) < 2 or len(rows) > MOST_JUDGES:
        what = f"has {max(len(rows) - 1, 0):,} rows of judges"
        expected = f"1 to {MOST_JUDGES:,}, under a header"
        raise ScenarioError.at(path.name, what, expected, "see docs/ranking.md")
    return rows


def _check_columns(path: Path, header: list[str], known: dict[str, Criterion]) -> None:
    where, groups = f"{path.name}:1", _groups(known)
    with Problems(ScenarioError) as problems:
        if JUDGE not in header:
            problems.add(where, f"no column {JUDGE!r}", f"{JUDGE} and a column a criterion", "add it")
        for i, name in enumerate(header):
            if name in header[:i]:
                problems.add(where, f"column {name!r} a second time", "each once", "remove one")
            elif name not in known and name not in {JUDGE, *groups}:
                expected = "a criterion that has a value, or " + " and ".join(groups)
                problems.extend([unknown(where, "criterion", name, expected, known)])
        given = [g for g in groups if g in header]
        if given and len(given) < len(groups):
            problems.add(where, f"only the group {given[0]}", "all groups or none", "add the other")


def _row(file: str, line: int, columns: list[str], cells: list[str], problems: Problems) -> _Row:
    where = f"{file}:{line}"
    if len(cells) != len(columns):
        problems.add(where, f"{len(cells)} cells", f"{len(columns)}, as the header has", "correct the row")
    given = dict(zip(columns, cells, strict=False))
    judge = given.get(JUDGE, "")
    if not judge:
        problems.add(where, "no judge", "a name or number of the judge", "add it")
    points: dict[str, float] = {}
    for column in columns:
        if column == JUDGE:
            continue
        text = given.get(column, "")
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (0 <= value <= WHOLE + SLACK):
            what = f"judge {judge!r}: {column} has {text!r} points"
            problems.add(where, what, f"a number from 0 to {WHOLE:.0f}", "correct it; 0 for no weight")
            value = math.nan
        points[column] = value
    return _Row(where, judge, points)


def _sums(row: _Row, known: dict[str, Criterion]) -> Iterator[Problem]:
    """Sums that are not 100; those of cells that are wrong themselves are left out."""
    groups = [g for g in _groups(known) if g in row.points]
    parts: dict[str, list[str]] = {"the criteria": [c for c in row.points if c in known]}
    if groups:
        within = {
            f"the criteria of {g}": [c for c in row.points if c in known and known[c].group == g]
            for g in groups
        }
        used = {f"the criteria of {g}": row.points[g] for g in groups}
        parts = {name: cs for name, cs in within.items() if used[name] > 0 or any(row.points[c] for c in cs)}
        parts["the groups"] = groups
    for name, columns in parts.items():
        total = sum(row.points[c] for c in columns)
        if not math.isnan(total) and abs(total - WHOLE) > SLACK:
            what = f"judge {row.judge!r}: the points of {name} add up to {total:g}"
            yield Problem(row.where, what, f"{WHOLE:.0f}", "correct the row")


def _weights(points: dict[str, float], known: dict[str, Criterion]) -> list[float]:
    share = {g: points[g] / WHOLE for g in _groups(known) if g in points}
    raw = np.array([share.get(c.group, 1.0) * points.get(i, 0.0) for i, c in known.items()])
    return [float(v) for v in raw / raw.sum()]
