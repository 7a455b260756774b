"""Stations of Hong Kong rail: 97 of the MTR, 68 Light Rail stops, 3 of the express rail link. Called by hk_rail.py.

In (below DIR): hk_mtr_opendata/, hk_mtr_exits/, hk_light_rail_stops/, hk_mtr_runtimes_harrywang/ (positions of another map),
shenzhen_metro/ and xrl_gtfs_qgmzmy/ (express rail), nodes_approx.csv, the official lines (CSDI), and
records/{hk_station_openings,express_rail_stations}.csv.

Positions are the mean of a station's exits, or a stop point; every one is checked against another source, and accuracy_m is
never below the distance to it. They are station middles, not platforms.
"""

from __future__ import annotations

import json
import math
import statistics
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from positions import LonLat, metres
from rail_track import Track
from tables import Row, kebab, names, read, record_rows, records, to_simplified

LISTED = "MTR open data 2025-09"
VARIANT = {"茘景": "荔景", "茘枝角": "荔枝角"}  # a rare form of the character in the list of stations
RUN_NAMES = {"Kuai Fong": "Kwai Fong", "Kuai Hing": "Kwai Hing", "New Station": "LOHAS Park"}
"""Slips of the table of run times: name there, name of the station."""
MISPLACED_STOP, ITS_PLACE = "250", (113.9703, 22.3812)
"""Number of the Light Rail stop whose official point is that of another, and where it is."""
LOK_MA_CHAU = (114.0654, 22.5147)  # published position, WGS84


def load_json(path: Path) -> Any:
    """The content of a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


@dataclass
class Stations:
    """Rows of the stations table by id; `middle` has station points, for walks inside stations."""

    rows: dict[str, Row] = field(default_factory=dict)
    middle: dict[str, LonLat] = field(default_factory=dict)
    opened: dict[str, str] = field(
        default_factory=lambda: {r["station_id"]: r["opened"] for r in record_rows("hk_station_openings") if not r["line_id"]}
    )  # fmt: skip
    future: dict[str, LonLat] = field(
        default_factory=lambda: {k: (r["lon"], r["lat"]) for k, r in records("hk_future_stops").items()}
    )

    def add(self, station_id: str, name: tuple[str, str, str], at: LonLat, system: str, position: tuple[str, int], check: tuple[str, float], confidence: str, source: str, region: str = "hk", street: int = 1) -> None:  # fmt: skip
        """Add a station: where its position is from and its least error, what it was checked against and how far off."""
        (position_source, floor_m), (checked_against, check_m) = position, check
        self.rows[station_id] = {
            "station_id": station_id,
            **dict(zip(("name_en", "name_zh_hant", "name_zh_hans"), name, strict=True)),
            "lon": f"{at[0]:.5f}",
            "lat": f"{at[1]:.5f}",
            "region": region,
            "system": system,
            "status": "existing",
            "opened": self.opened.get(station_id, ""),
            "street_access": street,
            "accuracy_m": max(floor_m, math.ceil(check_m / 10) * 10),
            "position_source": position_source,
            "checked_against": checked_against,
            "check_distance_m": round(check_m),
            "confidence": confidence,
            "source": source,
        }

    def lonlat(self, station_id: str) -> LonLat:
        """Position as written, or the rough one of a future station."""
        if station_id in self.rows:
            return float(self.rows[station_id]["lon"]), float(self.rows[station_id]["lat"])
        return self.future[station_id]


def mean_position(points: Iterable[LonLat]) -> LonLat:
    """The middle of some positions."""
    lon, lat = np.mean(list(points), axis=0)
    return lon, lat


def in_order(path: Path) -> dict[tuple[str, str], list[dict[str, str]]]:
    """Rows of a list of lines and stations by line and direction, in order of their sequence."""
    found: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in read(path):
        if row["Line Code"]:
            found[row["Line Code"], row["Direction"]].append(row)
    return {key: sorted(rows, key=lambda r: float(r["Sequence"])) for key, rows in found.items()}


def mapped_positions(path: Path) -> dict[str, list[LonLat]]:
    """Positions of another map by name of station."""
    found = defaultdict(list)
    for line in load_json(path):
        for branch in line["branches"]:
            for s in branch["stations"]:
                found[RUN_NAMES.get(s["name"], s["name"])].append((s["lng"], s["lat"]))
    return found


def mtr_stations(src: Path, stations: Stations, tracks: dict[str, Track]) -> dict[str, list[str]]:
    """Add the stations of the MTR; returns the station ids of each line and direction ("EAL/UT")."""
    orders = in_order(src / "hk_mtr_opendata/mtr_lines_and_stations.csv")
    hant, lines_of = {}, defaultdict(set)
    for (code, _), rows in orders.items():
        for row in rows:
            hant[row["English Name"]] = VARIANT.get(row["Chinese Name"], row["Chinese Name"])
            lines_of[row["English Name"]].add(code)
    exits = defaultdict(set)
    for e in load_json(src / "hk_mtr_exits/exits.mtr.json"):
        exits[e["name_en"]].add((e["lng"], e["lat"]))
    second = mapped_positions(src / "hk_mtr_runtimes_harrywang/mtr_offpeak_v9.json")
    approx = {r["id"]: (float(r["lon"]), float(r["lat"])) for r in read(src / "nodes_approx.csv")}
    for name in sorted(hant):
        sid, other = kebab(name), mean_position(second[name])
        stations.middle[sid] = other
        title = (name, hant[name], to_simplified(hant[name]))
        if name in exits:
            at = mean_position(sorted(exits[name]))
            position = (f"mean of {len(exits[name])} exits (open data, 2026-08)", 50)
            check = ("station point of another map", metres(at, other))
            stations.add(sid, title, at, "metro", position, check, "A", LISTED)
            continue
        checks = {
            "lok-ma-chau": ("published position of the station (WGS84)", metres(other, LOK_MA_CHAU)),
            "lo-wu": ("approximate position, from memory", metres(other, approx["LOW"])),
        }
        nearest = min(tracks[c].distance(other) for c in lines_of[name])
        check = checks.get(sid, ("official line (CSDI)", nearest))
        position = ("station point of another map (no exits listed)", 100)
        stations.add(sid, title, other, "metro", position, check, "B", LISTED, street=int(sid not in checks))
    off = {n: min(tracks[c].distance(stations.lonlat(kebab(n))) for c in lines_of[n]) for n in hant}
    d = [int(r["check_distance_m"]) for r in stations.rows.values()]
    print(
        f"MTR: {len(hant)} stations; second source: median {statistics.median(d):.0f} m, largest {max(d)} m; official line:"
        f" median {statistics.median(off.values()):.0f} m, largest {max(off.values()):.0f} m ({kebab(max(off, key=off.__getitem__))})"
    )
    return {f"{c}/{d}": [kebab(r["English Name"]) for r in rows] for (c, d), rows in orders.items()}


def light_rail_stations(
    src: Path, stations: Stations, tracks: dict[str, Track], routes: set[str]
) -> dict[tuple[str, str], list[str]]:
    """Add the Light Rail stops; returns the stop ids of each route and direction."""
    points = load_json(src / "hk_light_rail_stops/light_rail_stops.json")
    second = [
        (s["lng"], s["lat"])
        for line in load_json(src / "hk_mtr_runtimes_harrywang/lightrail_v3.json")
        if line["name"] in routes
        for branch in line["branches"]
        for s in branch["stations"]
    ]
    found = {}
    orders = in_order(src / "hk_mtr_opendata/light_rail_routes_and_stops.csv")
    for key, rows in orders.items():
        for row in rows:
            if f"lr-{kebab(row['English Name'])}" not in stations.rows:
                add_stop(stations, row, points, second, tracks)
        ids = [f"lr-{kebab(row['English Name'])}" for row in rows]
        found[key] = [s for i, s in enumerate(ids) if i == 0 or ids[i - 1] != s]  # two platforms of one stop
    d = [int(r["check_distance_m"]) for r in stations.rows.values() if r["system"] == "light_rail"]
    print(f"Light Rail: {len(d)} stops; second source: median {statistics.median(d):.0f} m, largest {max(d)} m")  # fmt: skip
    return found


def add_stop(stations: Stations, row: dict[str, str], points: dict[str, Any], second: list[LonLat], tracks: dict[str, Track]) -> None:  # fmt: skip
    """Add one Light Rail stop at its official point, checked against the points of another map."""
    hant = row["Chinese Name"].replace("(", "（").replace(")", "）")
    title = (row["English Name"], hant, to_simplified(hant))
    sid = f"lr-{kebab(row['English Name'])}"
    if row["Stop ID"] == MISPLACED_STOP:
        at = mean_position(q for q in second if metres(q, ITS_PLACE) < 60)
        position = ("stop point of another map (the official point is misplaced)", 50)
        check = ("official line (CSDI)", min(t.distance(at) for t in tracks.values()))
        stations.add(sid, title, at, "light_rail", position, check, "B", LISTED)
        return
    p = points[f"LR{int(row['Stop ID'])}"]
    at = (p["lon"], p["lat"])
    check = ("stop point of another map", min(metres(at, q) for q in second))
    stations.add(sid, title, at, "light_rail", ("stop point (geodata.gov.hk)", 30), check, "A", LISTED)


def express_stations(src: Path, stations: Stations) -> None:
    """Add the three stations of the express rail link that this study holds."""
    osm = {
        r["name_zh_hans"]: (float(r["lon"]), float(r["lat"]))
        for r in read(src / "shenzhen_metro/line13_and_missing_positions_wgs84.csv")
    }
    stops = {
        r["stop_id"]: (float(r["stop_lon"]), float(r["stop_lat"]))
        for r in read(src / "xrl_gtfs_qgmzmy/gtfs/stops.txt")
    }
    for sid, r in records("express_rail_stations").items():
        at = osm[r["name_in_map"]]
        check = ("timetable's stop point", metres(at, stops[r["code"]]))
        stations.add(sid, names(r), at, "hsr", ("OpenStreetMap", 50), check, r["confidence"], r["source"], r["region"])  # fmt: skip
