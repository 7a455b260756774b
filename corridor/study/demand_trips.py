"""A user's own trips between zones for the demand model: CSV in long form, or Open Matrix (OMX)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.core.csv_tables import line_of, read_table
from corridor.core.errors import LayerError, MissingColumnError, Problem, Problems, nearest
from corridor.demand.model import Counts, Key, Model
from corridor.demand.segments import DIRECTIONS
from corridor.schema.role_checks import ALL as ALL
from corridor.schema.rows import text_of
from corridor.schema.table_checks import RowChecks
from corridor.study.demand_ends import EndNames, Placed, place_names
from corridor.study.omx import ZONES, Omx, is_omx, read_omx

F64 = NDArray[np.float64]
TRIPS = "trips_per_day"
ENDS = ("origin", "destination")
ACROSS = "trips across the boundary alone: no others are modelled"
PlacePoints = Callable[[RowChecks, tuple[str, str]], Placed]
"""Places the positions in two columns."""


class OwnTrips(NamedTuple):
    """Trips a day by traveller group, (zone, zone) with origins by row; one group `all` where groups are not told apart."""

    by_group: Mapping[str, F64]

    @property
    def total(self) -> float:
        """All of them."""
        return float(sum(matrix.sum() for matrix in self.by_group.values()))

    def of(self, model: Model, counts: Counts, name: str) -> dict[Key, F64]:
        """Trips (home zone, away zone) of each segment and direction.

        Those of a group are shared out among its segments, and those of `all` among all segments, in proportion to their counted
        passengers in that direction.

        Parameters
        ----------
        model, counts
            Its segments, and the passengers that they are shares of.
        name
            Of the file, for messages.

        Raises
        ------
        LayerError
            Where a group that travels was not counted.
        """
        problems, found = Problems(LayerError), dict[Key, F64]()
        for segment, d in model.keys:
            group = segment.group if segment.group in self.by_group else ALL
            peers = [s for s in model.segments if group in (s.group, ALL)]
            passengers = [s.share * s.spell_share[d] * counts.total(s.counted_as, d) for s in peers]
            block = self.by_group[group][np.ix_(model.sides[d], model.sides[1 - d])]
            whole = sum(passengers)
            if block.sum() > 0 and not whole > 0 and segment is peers[0]:
                what = f"{group} makes {block.sum():,.0f} trips a day {DIRECTIONS[d]} and was not counted"
                problems.add(name, what, "passengers of the same group", "add them to the counts")
            own = segment.share * segment.spell_share[d] * counts.total(segment.counted_as, d)
            share = own / whole if whole > 0 else 0.0
            found[segment, d] = share * (block if d == segment.home else block.T)
        problems.raise_all()
        return found


def own_trips(path: Path, groups: Collection[str], ends: EndNames, points: PlacePoints) -> OwnTrips:
    """Read a user's own trips.

    Parameters
    ----------
    path
        An Open Matrix file, told by its first bytes, or a CSV: `origin` or `origin_lon` and `origin_lat` (EPSG:4326), the same
        of the destination, trips_per_day, and `group` if groups are told apart.
    groups
        Traveller groups.
    ends
        What ends are called.
    points
        Places positions.

    Raises
    ------
    LayerError
        With every row, matrix or zone that is wrong: unknown ends and groups, trips that are negative or no number or within one
        side, a group or a direction without trips.
    """
    found = _from_omx(read_omx(path), groups, ends) if is_omx(path) else _from_csv(path, groups, ends, points)
    _check_whole(path.name, found, groups, ends)
    return found


def _from_csv(path: Path, groups: Collection[str], ends: EndNames, points: PlacePoints) -> OwnTrips:
    table = read_table(path, [TRIPS], text=[*ENDS, "group"])
    checks = RowChecks(table, line_of(path.name, table))
    origin, destination = (_placed(checks, path.name, end, ends, points) for end in ENDS)
    group = table["group"].map(text_of).replace("", ALL) if "group" in table else pd.Series(ALL, table.index)
    trips = pd.to_numeric(table[TRIPS], errors="coerce").to_numpy(float, na_value=np.nan)
    same = origin.known & destination.known & (origin.side(ends.zones) == destination.side(ends.zones))
    _check_rows(checks, group, [*groups, ALL], trips, same)
    checks.faults.raise_all()
    by_group = {}
    for name in dict.fromkeys(group):
        rows = np.flatnonzero(group == name)
        here, there = origin.weights[rows], destination.weights[rows]
        by_group[name] = np.asarray((here.T @ there.multiply(trips[rows, None]).tocsr()).toarray())
    return OwnTrips(by_group)


def _placed(checks: RowChecks, name: str, end: str, ends: EndNames, points: PlacePoints) -> Placed:
    lonlat = f"{end}_lon", f"{end}_lat"
    if end in checks.frame:
        return place_names(checks, end, ends)
    if set(lonlat) <= set(checks.frame):
        return points(checks, lonlat)
    what, expected = f"column {end!r} is missing", f"{end}, or {' and '.join(lonlat)}"
    raise MissingColumnError(Problem(f"{name}:1", what, expected, "add it"))


def _check_rows(
    checks: RowChecks, group: pd.Series, known: Sequence[str], trips: F64, same: NDArray[np.bool_]
) -> None:
    """Note unknown groups, trips that are no number of people, rows within one side (`same`), and pairs given twice."""
    table = checks.frame
    one_of = f"one of {', '.join(known)}"
    checks.note(
        ~group.isin(known),
        lambda n: (f"{group.iloc[n]!r} is no traveller group", one_of, nearest(group.iloc[n], known)),
    )
    checks.note(
        ~(np.isfinite(trips) & (trips >= 0)),
        lambda n: (f"{TRIPS} is {table[TRIPS].iloc[n]}", "a number, 0 or more", "correct it"),
    )
    checks.note(same, lambda n: ("begins and ends on one side of the boundary", ACROSS, "remove the row"))
    if set(ENDS) <= set(table):  # positions may be alike: each row is a traveller of a survey
        again = table[list(ENDS)].assign(group=group).duplicated() & table["origin"].notna()
        what = "{} to {}, {}, is given twice".format
        checks.note(
            again,
            lambda n: (what(*table[list(ENDS)].iloc[n], group.iloc[n]), "one row", "remove one of them"),
        )


def _from_omx(file: Omx, groups: Collection[str], ends: EndNames) -> OwnTrips:
    """Matrices of groups, `GROUP` or `GROUP_northbound` and `GROUP_southbound`; one alone may have any name."""
    problems = Problems(LayerError)
    names = file.zones or ([str(name) for name in ends.names] if ends.own else [])
    if len(names) != file.size:
        own = f"; your own file of zones has {len(names)}" if ends.own else ""
        what = f"has no lookup of zones for its {file.size} rows and columns{own}"
        remedy = f"add the lookup {ZONES}, or a file of zones in the order of the rows"
        problems.add(file.name, what, "a zone for each", remedy)
        problems.raise_all()
    placed = ends.place(names)
    unknown = [name for name, known in zip(names, placed.known, strict=True) if not known]
    if unknown:
        more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
        what = f"zones {', '.join(map(repr, unknown[:5]))}{more}"
        problems.add(file.name, f"{what} are not known", f"each {ends.use}", ends.like(unknown[0]))
    by_group: dict[str, F64] = {}
    seen: set[tuple[str, str]] = set()
    for name, matrix in file.matrices.items():
        where = f"{file.name} matrix {name}"
        group, direction = _group_of(name, [*groups, ALL], alone=len(file.matrices) == 1)
        if group is None:
            known = ", ".join([*groups, ALL])
            problems.add(where, "is of no traveller group", f"one of {known}", "rename it, or remove it")
            continue
        directions = {(group, d) for d in ((direction,) if direction else DIRECTIONS)}
        if directions & seen:
            problems.add(where, f"repeats trips of {group}", "one matrix for each direction", "remove one")
        seen |= directions
        _check_cells(problems, where, matrix, names, placed, ends, direction)
        trips = placed.weights.T @ np.where(np.isfinite(matrix), matrix, 0.0) @ placed.weights
        by_group[group] = by_group.get(group, 0.0) + np.asarray(trips)
    problems.raise_all()
    return OwnTrips(by_group)


def _group_of(name: str, known: Sequence[str], alone: bool) -> tuple[str | None, str]:
    """Group and direction of a matrix by its name; no direction for both."""
    direction = next((d for d in DIRECTIONS if name.endswith(f"_{d}")), "")
    group = name.removesuffix(f"_{direction}") if direction else name
    return (group if group in known else ALL if alone else None), direction


def _check_cells(
    problems: Problems, where: str, matrix: F64, names: Sequence[str], placed: Placed, ends: EndNames, direction: str
) -> None:  # fmt: skip
    """Note cells that are negative or no number, and trips that do not cross the boundary in the matrix's direction."""
    side = placed.side(ends.zones)
    crosses = side[:, None] < side[None, :] if direction == DIRECTIONS[0] else side[:, None] > side[None, :]
    allowed = crosses if direction else side[:, None] != side[None, :]
    for wrong, what, expected, remedy in (
        (~np.isfinite(matrix), "no number", "numbers, 0 or more", "correct them"),
        (matrix < 0, "negative", "numbers, 0 or more", "correct them"),
        (
            (matrix > 0) & ~allowed & placed.known[:, None] & placed.known[None, :],
            f"trips that do not cross the boundary {direction}".rstrip(),
            ACROSS,
            "set them to 0",
        ),
    ):
        if wrong.any():
            i, j = np.argwhere(wrong)[0]
            first = f"the first from {names[i]} to {names[j]}: {matrix[i, j]:g}"
            problems.add(where, f"{int(wrong.sum()):,} of its cells: {what}, {first}", expected, remedy)


def _check_whole(name: str, found: OwnTrips, groups: Collection[str], ends: EndNames) -> None:
    """Trips of every group or of all together, in both directions."""
    problems = Problems(LayerError)
    if set(found.by_group) != {ALL}:
        if ALL in found.by_group:
            problems.add(name, "some trips are of group 'all'", "groups, or 'all' throughout", "choose one")
        for group in groups:
            if group not in found.by_group:
                expected = "trips of each group, or of all together"
                problems.add(name, f"no trips of {group}", expected, "add them, 0 if nobody travels")
    if found.by_group:
        every = np.sum(list(found.by_group.values()), axis=0)
        sides = ends.zones.south, ends.zones.north
        for d, direction in enumerate(DIRECTIONS):
            if not every[np.ix_(sides[d], sides[1 - d])].sum() > 0:
                problems.add(name, f"nobody travels {direction}", "some trips", "add them")
    problems.raise_all()
