"""Passenger counts for the demand model: those of the catalogue, or a user's own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from corridor.core.csv_tables import read_table
from corridor.core.errors import CorridorError, LayerError, Problems, nearest
from corridor.demand.model import Counts
from corridor.demand.segments import DIRECTIONS
from corridor.schema.role_checks import ALL as ALL
from corridor.schema.rows import number_of, text_of

COLUMNS = ("checkpoint_id", "direction", "group", "passengers_per_day")
BOTH = "both"


class Counted(NamedTuple):
    """What a row counts."""

    checkpoint_id: str
    direction: str
    group: str


def counted(table: pd.DataFrame, period: str, day: str, gates: Sequence[str]) -> Counts:
    """The counts of one period and day type of a table of role demand_crossings, for the gates of a network.

    Raises :class:`CorridorError` where the period or the day type was not counted.
    """
    periods = table["period_id"].astype(str)
    known = list(dict.fromkeys(periods))
    if period not in known:
        expected = f"one of {', '.join(known)}"
        raise CorridorError.at("period", f"{period!r} was not counted", expected, nearest(period, known))
    of_period = table[periods == period]
    rows = of_period[of_period["day_type"] == day]
    if rows.empty:
        days = ", ".join(dict.fromkeys(of_period["day_type"]))
        raise CorridorError.at(
            f"period {period}", f"has no counts of day type {day!r}", days, "choose one of them"
        )
    return _by_group(rows, gates)


def own_counts(path: Path, gates: Sequence[str], groups: Collection[str]) -> Counts:
    """A user's own counts, a CSV of :data:`COLUMNS`; a direction may be `both`, the group of every row `all`.

    Raises :class:`LayerError` with every row that is wrong, and every control point without a count.
    """
    table = read_table(path, COLUMNS, text=COLUMNS[:3])
    problems, seen = Problems(LayerError), set[Counted]()
    for line, row in enumerate(table.to_dict("records"), start=2):
        where, key = f"{path.name}:{line}", Counted(*(text_of(row[c]) for c in COLUMNS[:3]))
        _check_key(problems, where, key, gates, groups)
        passengers = number_of(row["passengers_per_day"])
        if passengers is None or passengers < 0:
            what = f"passengers_per_day is {row['passengers_per_day']!r}"
            problems.add(where, what, "a number, 0 or more", "correct the count")
        if key in seen:
            problems.add(where, f"{' '.join(key)} is counted twice", "one row", "remove one of them")
        seen.add(key)
        together = key._replace(direction=BOTH) in seen
        if together and any(key._replace(direction=d) in seen for d in DIRECTIONS):
            what = f"{key.checkpoint_id} {key.group} is counted both by direction and in both together"
            problems.add(where, what, "one of the two", "remove one")
    _check_whole(problems, path.name, seen, gates, groups)
    problems.raise_all()
    counts = _by_group(table.astype({"passengers_per_day": float}), gates)
    for d, direction in enumerate(DIRECTIONS):
        if not counts.passengers[d].sum() > 0:
            problems.add(path.name, f"nobody is counted {direction}", "some passengers", "add the counts")
    problems.raise_all()
    return counts


def _check_key(
    problems: Problems, where: str, key: Counted, gates: Collection[str], groups: Collection[str]
) -> None:
    check_known(problems, where, key.checkpoint_id, "control point of the network", gates)
    check_known(problems, where, key.direction, "direction", (*DIRECTIONS, BOTH))
    check_known(problems, where, key.group, "counted group", (*groups, ALL))


def check_known(problems: Problems, where: str, value: str, what: str, known: Collection[str]) -> None:
    """Note a cell whose word is not one of those known."""
    if value not in known:
        expected = f"one of {', '.join(known)}"
        problems.add(where, f"{value!r} is no {what}", expected, nearest(value, known))


def _check_whole(
    problems: Problems, name: str, seen: Collection[Counted], gates: Sequence[str], groups: Collection[str]
) -> None:
    """A count of every group at every control point, or of all together at each."""
    alone = {key.group for key in seen} == {ALL}
    for gate in gates:
        for group in [ALL] if alone else groups:
            if not any(key.checkpoint_id == gate and key.group == group for key in seen):
                expected = "a row for each control point and group"
                problems.add(name, f"no count of {gate}, {group}", expected, "add it, 0 if nobody crosses")
    if not alone and ALL in {key.group for key in seen}:
        problems.add(name, "some rows are of group 'all'", "groups, or 'all' throughout", "choose one")


def _by_group(rows: pd.DataFrame, gates: Sequence[str]) -> Counts:
    """(direction, gate) by counted group; what is counted in both directions together is halved."""
    found: dict[str, np.ndarray] = {}
    for row in rows.to_dict("records"):
        into = found.setdefault(str(row["group"]), np.zeros((len(DIRECTIONS), len(gates))))
        if row["checkpoint_id"] in gates:
            gate, passengers = gates.index(str(row["checkpoint_id"])), float(row["passengers_per_day"])
            if row["direction"] == BOTH:
                into[:, gate] += passengers / 2
            else:
                into[DIRECTIONS.index(str(row["direction"])), gate] += passengers
    return Counts(found)
