"""Stops of the road tables: those at control points, which of a route's stops are kept, and one station for several.

In: records/road_anchors.csv; stops of the operators and of the Transport Department (below DIR/hk_bus_headways), rail stations
of layers/network/stations_hk.csv. Read by road_feeders.py and hk_bus.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from positions import LonLat, metres
from tables import NETWORK, kebab, names, read, record_rows

NEAR_RAIL_M, NEAR_LIGHT_RAIL_M, SPACING_M, SAME_STOP_M = 300.0, 600.0, 1500.0, 150.0
SHENZHEN_BAY = ("shenzhen bay port", "bus-shenzhen-bay-port")  # B2 is drawn 0.7 km off: found by its name
CODES = re.compile(r"\s*\((?:[A-Z]{1,3}\d+[A-Z]?|V\d+|No\.\s*\d+)\)", re.IGNORECASE)
Names = tuple[str, str, str]


@dataclass(frozen=True)
class Anchor:
    """A stop at a control point, or at San Tin: every route stop within `radius_m` is this one."""

    stop_id: str
    names: Names
    at: LonLat
    radius_m: float
    street: bool
    hall: str
    kind: str
    note: str


@cache
def anchors() -> dict[str, Anchor]:
    """The stops of records/road_anchors.csv by id."""
    return {
        r["stop_id"]: Anchor(
            r["stop_id"], names(r), (r["lon"], r["lat"]), r["radius_m"], bool(r["street_access"]), r["hall"] or "", r["kind"],
            r["note"] or "",
        )
        for r in record_rows("road_anchors")
    }  # fmt: skip


def anchor_of(name: Names, at: LonLat) -> Anchor | None:
    """The control point stop that a route stop is, if any."""
    if name[0].lower() == SHENZHEN_BAY[0]:
        return anchors()[SHENZHEN_BAY[1]]
    return next((a for a in anchors().values() if metres(a.at, at) <= a.radius_m), None)


def cleaned(texts: Iterable[str]) -> Names:
    """Names without stop codes; an English name loses an untranslated landmark."""
    en, hant, hans = (re.sub(r"\s+", " ", CODES.sub("", n)).strip(" ,") for n in texts)
    en = en.replace("Tin Shiu Wai", "Tin Shui Wai")
    if not en.isascii():
        en = re.split(r",? near ", en)[0]
        en = re.sub(r"[^\x00-\x7f]+", " ", en).strip(" ,-")
    half = en.split(", ")
    en = half[0] if len(set(half)) == 1 else en
    zh = [", ".join(dict.fromkeys(re.split(r",\s*", z))) for z in (hant, hans)]
    return en[:1].upper() + en[1:], zh[0], zh[1]


@dataclass(frozen=True)
class RailStation:
    """A railway station that can be reached from the street."""

    station_id: str
    system: str
    at: LonLat


def rail_stations() -> list[RailStation]:
    """Hong Kong's stations of today with a way to the street."""
    return [
        RailStation(r["station_id"], r["system"], (float(r["lon"]), float(r["lat"])))
        for r in read(NETWORK / "stations_hk.csv")
        if r["street_access"] == "1" and r["system"] in {"metro", "light_rail"} and r["status"] == "existing"
    ]


def second_positions(folder: Path) -> dict[str, list[LonLat]]:
    """The Transport Department's own stops by operator; it does not name green minibuses."""
    found: dict[str, list[LonLat]] = {}
    for row in read(folder / "td_gtfs_part" / "stops.txt"):
        at = (float(row["stop_lon"]), float(row["stop_lat"]))
        tags = [op for op in ("KMB", "CTB", "NLB") if op in row["stop_name"]]
        for operator in tags or ["GMB"]:
            if 113.9 < at[0] < 114.26 and 22.25 < at[1] < 22.57:
                found.setdefault(operator, []).append(at)
    return found


@dataclass
class Stop:
    """A station of the road tables; `check_m` is the distance to the Transport Department's stop."""

    stop_id: str
    names: Names
    at: LonLat
    street: bool
    check_m: int | None = None


@dataclass
class RoadStops:
    """The stations made so far; `second` are the Transport Department's stops by operator."""

    second: dict[str, list[LonLat]]
    by_id: dict[str, Stop] = field(default_factory=dict)

    def anchor(self, anchor: Anchor) -> str:
        """The station of an anchor, made when first used."""
        self.by_id.setdefault(anchor.stop_id, Stop(anchor.stop_id, anchor.names, anchor.at, anchor.street))
        return anchor.stop_id

    def of(self, name: Names, at: LonLat, operator: str) -> str:
        """The station of a route stop: an anchor, one within 150 m, or a new one."""
        anchor = anchor_of(name, at)
        if anchor:
            return self.anchor(anchor)
        near = min(((metres(s.at, at), s.stop_id) for s in self.by_id.values() if s.street), default=None)
        if near and near[0] <= SAME_STOP_M:
            return near[1]
        base, n = "bus-" + kebab(re.sub(r"\(.*?\)|,.*$", "", name[0])), 2
        stop_id = base
        while stop_id in self.by_id:
            stop_id, n = f"{base}-{n}", n + 1
        check = min((metres(p, at) for p in self.second.get(operator, [])), default=None)
        self.by_id[stop_id] = Stop(stop_id, name, at, True, None if check is None else round(check))
        return stop_id


def thinned(texts: Sequence[Names], points: Sequence[LonLat], rail: Iterable[RailStation]) -> list[int]:
    """Which stops of a route are kept: both ends, control points, the nearest to rail, and one about every 1.5 km."""
    keep = {0, len(points) - 1}
    keep |= {i for i, p in enumerate(points) if anchor_of(texts[i], p)}
    light = []
    for station in rail:
        gap_m, i = min((metres(p, station.at), i) for i, p in enumerate(points))
        if gap_m <= NEAR_RAIL_M and station.system == "metro":
            keep.add(i)
        elif gap_m <= NEAR_RAIL_M:
            light.append((round(gap_m), i))
    for _, i in sorted(light):
        if min(metres(points[i], points[k]) for k in keep) >= NEAR_LIGHT_RAIL_M:
            keep.add(i)
    last = 0
    for i in range(1, len(points) - 1):
        ahead = min(k for k in keep if k > last)
        if i >= ahead:
            last = i if i in keep else ahead
        elif metres(points[last], points[i]) >= SPACING_M and metres(points[i], points[ahead]) >= SPACING_M / 2:  # fmt: skip
            keep.add(i)
            last = i
    return sorted(keep)
