"""Segments of travellers, from tables of groups and purposes: those of the catalogue, or with shares of a user's own survey."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from corridor.core.csv_tables import line_of, read_table
from corridor.core.errors import LayerError, Problems
from corridor.demand.model import Counts, Model
from corridor.demand.segments import Attraction, Segment
from corridor.schema.role_checks import ALL as ALL
from corridor.schema.role_checks import SHARE_TOLERANCE
from corridor.schema.rows import number_of, rows_of, text_of
from corridor.study.demand_counts import check_known

Worth = Callable[[str, str], float]
"""HKD an hour of a traveller group and purpose."""
COLUMNS = ("group_id", "purpose", "day_type", "share")
BEYOND = "beyond_region"
"""In the column of purposes: the share of a group's trips whose north end is beyond the region."""
COLUMN_OF_DAY = {"all": "share", "weekday": "share_weekday", "weekend": "share_weekend"}
SHARES_OF_DAY = {"all": "all", "weekend": "weekend", "holiday": "weekend"}
"""Whose shares the other types of day have; those of weekdays for any that is not here."""


class Shares(NamedTuple):
    """Tables of roles demand_groups and demand_purposes."""

    groups: pd.DataFrame
    purposes: pd.DataFrame


class Share(NamedTuple):
    """What a row of a user's own shares is of."""

    group_id: str
    purpose: str
    day_type: str


def segments_of(shares: Shares, day: str, worth: Worth, sides: Sequence[str]) -> tuple[Segment, ...]:
    """Each group, for business and for other purposes.

    Business is a segment of its own because its value of time differs; `share` is of the passengers counted as the group.

    Parameters
    ----------
    shares
        Groups and purposes.
    day
        A type of day: its shares are those of weekdays, of weekends or of all days.
    worth
        Value of time.
    sides
        Ids of the south and of the north.
    """
    purposes = list(rows_of(shares.purposes))
    column = COLUMN_OF_DAY[SHARES_OF_DAY.get(day, "weekday")]
    found: list[Segment] = []
    for group in rows_of(shares.groups):
        own = [row for row in purposes if row["group_id"] == group["group_id"]]
        found += _segments_of_group(group, own, column, worth, sides.index(group["home_side"]))
    return tuple(found)


def _segments_of_group(
    group: Mapping[str, Any], purposes: Sequence[Mapping[str, Any]], column: str, worth: Worth, home: int
) -> list[Segment]:
    whole = sum(float(row[column]) for row in purposes)
    clearance = str(group["value_of_time_group"])
    found = []
    for name in ("business", "other"):
        part = dict.fromkeys(Attraction._fields, 0.0)
        for row in purposes:
            if (row["purpose"] == "business") == (name == "business"):
                part[str(row["attraction"])] += float(row[column])
        here = sum(part.values())
        if here > 0:
            found.append(
                Segment(
                    str(group["group_id"]),
                    str(group["counted_as"]),
                    name,
                    float(group["share_of_counted"]) * here / whole,
                    home,
                    float(group["outside_share"]),
                    worth(clearance, name),
                    Attraction(**{kind: share / here for kind, share in part.items()}),
                    clearance,
                )
            )
    return found


def all_counted_together(model: Model, counts: Counts) -> Model:
    """Segments for counts that tell no groups apart: those of `counts` share them out."""
    passengers = {group: float(counted.sum()) for group, counted in counts.by_group.items()}
    whole = sum(passengers.values())
    segments = (
        replace(s, counted_as=ALL, share=s.share * passengers[s.counted_as] / whole) for s in model.segments
    )
    return replace(model, segments=tuple(segments))


def own_shares(path: Path, shares: Shares) -> Shares:
    """Tables with the shares of a user's own survey in place of theirs, from a CSV of :data:`COLUMNS`.

    A row has the share of a purpose in a group's trips; with purpose `all` that of the group in the passengers counted as it,
    with :data:`BEYOND` that of its trips with an end beyond the region. What a file does not mention stays as it is: purposes
    of a group are given all together, groups counted as one too. Shares of weekdays and weekends are those of `all` where they
    are not given.

    Raises
    ------
    LayerError
        With every row that is wrong, and every whole whose shares do not add up to 1.
    """
    table = read_table(path, COLUMNS, text=COLUMNS[:3])
    problems, given, where = Problems(LayerError), dict[Share, float](), line_of(path.name, table)
    for n, row in enumerate(table.to_dict("records")):
        key, share = Share(*(text_of(row[c]) for c in COLUMNS[:3])), number_of(row["share"])
        _check_key(problems, where(n), key, shares)
        if share is None or not 0 <= share <= 1:
            problems.add(where(n), f"share is {row['share']!r}", "a number from 0 to 1", "correct the share")
        if key in given:
            problems.add(where(n), f"{' '.join(key)} is given twice", "one row", "remove one of them")
        given[key] = share or 0.0
    problems.raise_all()
    _check_wholes(problems, path.name, given, shares)
    problems.raise_all()
    return Shares(_groups(shares.groups, given), _purposes(shares.purposes, given))


def _check_key(problems: Problems, where: str, key: Share, shares: Shares) -> None:
    groups = list(shares.groups["group_id"])
    own = shares.purposes[shares.purposes["group_id"] == key.group_id]["purpose"]
    purposes = [*(own if len(own) else shares.purposes["purpose"].unique()), ALL, BEYOND]
    days = [ALL] if key.purpose in (ALL, BEYOND) else list(COLUMN_OF_DAY)
    check_known(problems, where, key.group_id, "traveller group", groups)
    check_known(problems, where, key.purpose, "purpose of this group", purposes)
    check_known(problems, where, key.day_type, "day type of this share", days)


def _check_wholes(problems: Problems, name: str, given: Mapping[Share, float], shares: Shares) -> None:
    def check(what: str, parts: Sequence[float]) -> None:
        if parts and abs(sum(parts) - 1) > SHARE_TOLERANCE:
            problems.add(name, f"{what} add up to {sum(parts):.4g}", "1", "correct the shares")

    for group in dict.fromkeys(key.group_id for key in given):
        days = {
            day: [s for k, s in given.items() if k[::2] == (group, day) and k.purpose not in (ALL, BEYOND)]
            for day in COLUMN_OF_DAY
        }
        for day, parts in days.items():
            check(f"purposes of {group}, {day}", parts)
        if not days[ALL] and any(days.values()):
            what = f"purposes of {group} are given by day alone"
            problems.add(name, what, "rows of day type all too", "add them")
    for counted, rows in shares.groups.groupby("counted_as", sort=False):
        of_groups = [given[key] for g in rows["group_id"] if (key := Share(str(g), ALL, ALL)) in given]
        check(f"groups counted as {counted}", of_groups)


def _groups(groups: pd.DataFrame, given: Mapping[Share, float]) -> pd.DataFrame:
    """Groups with the shares that are given; one of several counted together that is not has none."""
    counted = dict(zip(groups["group_id"], groups["counted_as"], strict=True))
    replaced = {counted[key.group_id] for key in given if key.purpose == ALL}
    found = groups.copy()
    for i, row in groups.iterrows():
        if row["counted_as"] in replaced:
            found.loc[i, "share_of_counted"] = given.get(Share(row["group_id"], ALL, ALL), 0.0)
        found.loc[i, "outside_share"] = given.get(Share(row["group_id"], BEYOND, ALL), row["outside_share"])
    return found


def _purposes(purposes: pd.DataFrame, given: Mapping[Share, float]) -> pd.DataFrame:
    """Purposes with the shares that are given; one of a group given that is not named has none."""
    named = {key[::2] for key in given if key.purpose not in (ALL, BEYOND)}
    found = purposes.copy()
    for i, row in purposes.iterrows():
        group, purpose = row["group_id"], row["purpose"]
        for day, column in COLUMN_OF_DAY.items():
            if (group, ALL) in named:
                of = day if (group, day) in named else ALL
                found.loc[i, column] = given.get(Share(group, purpose, of), 0.0)
    return found
