"""Stops of Hong Kong's buses: those of all operators at one place become one. Called by hk_bus.py.

In (below DIR): hk_bus_headways/{KMB,CTB,NLB,GMB,MTR_BUS}_Stop.json. Out: places with names, west to east. Stops within 40 m of
each other are one where buses go the same way (within 90 degrees); stops at control points join their own kind only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from hk_bus_records import OPERATORS, Record
from numpy.typing import NDArray
from positions import xy
from road_routes import read_json
from road_stops import anchor_of, cleaned
from scipy.spatial import cKDTree

SAME_STOP_M, SAME_WAY_COS, CLEAR_WAY = 40.0, 0.0, 0.5


@dataclass
class Stop:
    """A stop of one operator: names, place in degrees and metres, control point stop, calls, direction of travel."""

    key: tuple[str, str]
    names: tuple[str, str, str]
    lon: float
    lat: float
    xy: NDArray[np.float64]
    anchor: str
    street: bool
    calls: int = 0
    heading: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    turns: int = 0

    @property
    def way(self) -> NDArray[np.float64] | None:
        """Unit vector of travel; None for ends of routes and where buses go several ways."""
        size = float(np.hypot(*self.heading))
        return self.heading / size if self.turns and size / self.turns >= CLEAR_WAY else None


def read_stops(folder: Path) -> dict[tuple[str, str], Stop]:
    """The stops of all operators, by operator and its id."""
    found: dict[tuple[str, str], Stop] = {}
    for operator in OPERATORS:
        for raw in read_json(folder, f"{operator}_Stop"):
            key = (operator, str(raw["stop"]))
            if key in found:
                continue
            lon, lat = float(raw["long"]), float(raw["lat"])
            names = cleaned((raw["name_en"], raw["name_tc"], raw.get("name_sc") or ""))
            anchor = anchor_of(names, (lon, lat))
            street = anchor.street if anchor else True
            found[key] = Stop(key, names, lon, lat, xy((lon, lat)), anchor.stop_id if anchor else "", street)
    return found


def count_calls(records: Iterable[Record], stops: dict[tuple[str, str], Stop]) -> None:
    """Calls and directions of travel of each stop."""
    for record in records:
        listed = [stops[record.operator, s] for s in record.stops]
        for stop in listed:
            stop.calls += 1
        for before, stop, after in zip(listed, listed[1:], listed[2:], strict=False):
            step = after.xy - before.xy
            size = float(np.hypot(*step))
            if size > 1:
                stop.heading = stop.heading + step / size
                stop.turns += 1


def may_join(a: Stop, b: Stop) -> bool:
    """Whether two stops may be one: near, of one kind, and buses go the same way."""
    if a.anchor != b.anchor or float(np.hypot(*(a.xy - b.xy))) > SAME_STOP_M:
        return False
    return a.way is None or b.way is None or float(a.way @ b.way) >= SAME_WAY_COS


def joined(stops: Sequence[Stop]) -> list[list[Stop]]:
    """Groups of stops in which every pair may join; the nearest pairs first."""
    pairs = cKDTree(np.array([s.xy for s in stops])).query_pairs(SAME_STOP_M)
    by_distance = sorted((round(float(np.hypot(*(stops[i].xy - stops[j].xy))), 3), i, j) for i, j in pairs)
    members = [[i] for i in range(len(stops))]
    for _, i, j in by_distance:
        a, b = members[i], members[j]
        if a is not b and all(may_join(stops[m], stops[n]) for m in a for n in b):
            a += b
            for n in b:
                members[n] = a
    groups = {id(g): g for g in members}
    return [[stops[m] for m in sorted(g)] for g in groups.values()]


@dataclass(frozen=True)
class Place:
    """One row of the stop table."""

    lon: float
    lat: float
    names: tuple[str, str, str]
    street: bool
    anchor: str
    operators: str

    @classmethod
    def of(cls, group: Sequence[Stop]) -> Place:
        """At the stop that most routes use."""
        best = max(group, key=lambda s: (s.calls, s.key))
        hans = best.names[2] or next((s.names[2] for s in group if s.names[2]), "")
        operators = " ".join(sorted({"MTR" if s.key[0] == "MTR_BUS" else s.key[0] for s in group}))
        return cls(
            round(best.lon, 5),
            round(best.lat, 5),
            (*best.names[:2], hans),
            best.street,
            best.anchor,
            operators,
        )


def numbered(stops: dict[tuple[str, str], Stop]) -> tuple[list[Place], dict[tuple[str, str], int]]:
    """Places, west to east, and the number (from 1) of each operator's stop."""
    used = [s for _, s in sorted(stops.items()) if s.calls]
    groups = sorted(
        ((Place.of(g), g) for g in joined(used)), key=lambda item: (item[0].lon, item[0].lat, item[1][0].key)
    )
    return [p for p, _ in groups], {s.key: n for n, (_, g) in enumerate(groups, 1) for s in g}
