"""The bus, minibus and coach routes that reach control points: records, and their rows in the operators' tables.

In: records/{road_routes,road_coaches}.csv and hk_bus_headways/ (below DIR). Read by road_feeders.py, hk_bus.py, fares.py.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from road_departures import WEDNESDAY, Window, departures, minute, windows_of
from tables import names, read, record_rows

SOURCE = "Transport Department and operators via DATA.GOV.HK, 2026-08"
MIN_DEPARTURES = 7


@dataclass(frozen=True)
class RoadRoute:
    """A bus or minibus route: operator, number, ids of green minibus routes, whether a night route."""

    operator: str
    route: str
    ids: tuple[int, ...]
    night: bool

    @property
    def line_id(self) -> str:
        """Id of its line."""
        return f"{'minibus' if self.operator == 'GMB' else 'bus'}-{self.route.lower()}"


@dataclass(frozen=True)
class Coach:
    """A cross-boundary line by day or night: routes and ways of the timetable each way, and its town terminus."""

    line_id: str
    names: tuple[str, str, str]
    suffix: str
    out: tuple[str, ...]
    back: tuple[str, ...]
    stop: str
    stop_names: tuple[str, str, str]


def routes() -> list[RoadRoute]:
    """The routes of records/road_routes.csv."""
    return [
        RoadRoute(r["operator"], str(r["route"]), tuple(map(int, str(r["route_ids"] or "").split())), bool(r["night"]))
        for r in record_rows("road_routes")
    ]  # fmt: skip


def coaches() -> list[Coach]:
    """The lines of records/road_coaches.csv."""
    return [
        Coach(
            r["line_id"], names(r), r["suffix"] or "", tuple(r["out"].split()), tuple(r["back"].split()), str(r["stop"]),
            (r["stop_en"], r["stop_zh_hant"], r["stop_zh_hans"]),
        )
        for r in record_rows("road_coaches")
    ]  # fmt: skip


@cache
def read_json(folder: Path, name: str) -> list[dict[str, Any]]:
    """The rows of an operator's table (KMB_Route, KMB_Stop, ...)."""
    found: list[dict[str, Any]] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return found


def variants(folder: Path, road: RoadRoute) -> Iterator[tuple[str, dict[str, Any]]]:
    """(suffix, row): both ways, the fullest variant first, others with enough departures after it."""
    seen: Counter[str] = Counter()
    timetables: set[str] = set()
    candidates = [
        r
        for r in read_json(folder, f"{road.operator}_Route")
        if r["route"] == road.route and (road.operator != "GMB" or r["routeId"] in road.ids)
    ]
    counted = [(len(departures(windows_of(r), False)), r) for r in candidates]
    ways = list(dict.fromkeys(_way_of(r) for r in candidates))
    for count, r in sorted(counted, key=lambda item: (-item[0], -len(item[1]["stops"]))):
        timetable = str(r.get("gtfsRouteKey") or (r.get("routeId"), r.get("routeSeq")))
        if count < MIN_DEPARTURES or not r.get("journeyTime") or timetable in timetables:
            continue
        timetables.add(timetable)
        way = _way_of(r)
        seen[way] += 1
        yield f"{ways.index(way) + 1}{'' if seen[way] == 1 else chr(96 + seen[way])}", r


def _way_of(route: dict[str, Any]) -> str:
    return str(route.get("bound") or route.get("routeSeq") or route["dest_en"])


def coach_windows(folder: Path) -> dict[str, list[Window]]:
    """Departure windows of a Wednesday by route and way ("1997-1")."""
    windows: dict[str, list[Window]] = {}
    for row in read(folder / "td_gtfs_part" / "frequencies.txt"):
        route, way, day, _ = row["trip_id"].split("-")
        if int(day) & WEDNESDAY:
            every = Window(
                minute(row["start_time"]), minute(row["end_time"]), float(row["headway_secs"]) / 60
            )
            windows.setdefault(f"{route}-{way}", []).append(every)
    return windows


def coach_figures(folder: Path, key: str) -> dict[str, float]:
    """A published figure of the coaches by route and way: `journeyTime` (minutes) or `fullFare` (HKD)."""
    pattern = re.compile(rf"^\('(\d+)', '(\d)'\)\|XB\|.*{key}: ([\d.]+)")
    text = (folder / "GeoJSON_BUS.txt").read_text(encoding="utf-8")
    return {f"{m[1]}-{m[2]}": float(m[3]) for line in text.splitlines() if (m := pattern.match(line))}
