"""Passenger counts for the demand model: those of the catalogue, or a user's own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from corridor.core.csv_tables import read_table
from corridor.core.errors import CorridorError, LayerError, Problems, nearest
from corridor.demand.model import Counts
from corridor.demand.segments import DIRECTIONS
from corridor.schema.rows import number_of, text_of

COLUMNS = ("checkpoint_id", "direction", "group", "passengers_per_day")
BOTH = "both"
ALL = "all"


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
    problems, seen = Problems(LayerError), set[tuple[str, ...]]()
    for line, row in enumerate(table.to_dict("records"), start=2):
        where = f"{path.name}:{line}"
        checkpoint, direction, group = (text_of(row[c]) for c in COLUMNS[:3])
        passengers = number_of(row["passengers_per_day"])
        for value, what, known in (
            (checkpoint, "control point of the network", gates),
            (direction, "direction", (*DIRECTIONS, BOTH)),
            (group, "counted group", (*groups, ALL)),
        ):
            if value not in known:
                problems.add(
                    where, f"{value!r} is no {what}", f"one of {', '.join(known)}", nearest(value, known)
                )
        if passengers is None or passengers < 0:
            what = f"passengers_per_day is {row['passengers_per_day']!r}"
            problems.add(where, what, "a number, 0 or more", "correct the count")
        if (key := (checkpoint, direction, group)) in seen:
            problems.add(where, f"{' '.join(key)} is counted twice", "one row", "remove one of them")
        seen.add(key)
    for gate in gates:
        if gate not in {key[0] for key in seen}:
            problems.add(
                path.name, f"no count of {gate}", "a row for each control point", "add it, 0 if closed"
            )
    if len({key[2] == ALL for key in seen}) > 1:
        problems.add(path.name, "some rows are of group 'all'", "groups, or 'all' throughout", "choose one")
    problems.raise_all()
    counts = _by_group(table.astype({"passengers_per_day": float}), gates)
    for d, direction in enumerate(DIRECTIONS):
        if not sum(c[d].sum() for c in counts.by_group.values()) > 0:
            problems.add(path.name, f"nobody is counted {direction}", "some passengers", "add the counts")
    problems.raise_all()
    return counts


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
