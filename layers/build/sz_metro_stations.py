"""Stations of the Shenzhen metro with positions and the dates from which each line serves them. Called by sz_metro.py.

In (DIR/shenzhen_metro): the transcribed list of lines, stations_compiled_wgs84.csv (source A, OpenStreetMap-like, 2026-07,
checked against B, another map), line13_and_missing_positions_wgs84.csv (OpenStreetMap); records/{sz_stations,sz_phases}.csv
(English names as on the operator's map, a third position from OpenStreetMap). Out: rows of the stations table.

Where A and B are more than 120 m apart or one is missing, the third position is used or checked against. It is not independent
of A, so agreement with it proves little. The distance is kept, and the accuracy is never below it.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

from positions import LonLat, metres
from tables import Row, kebab, read, record_rows, records, to_traditional

ALIAS = {"学城": "大学城", "人民": "人民南", "深圳北": "深圳北站"}
"""Slips of the transcribed list, and two names of one station."""
WRONG_IN_A = {"坳背", "嶂背"}  # A has 坳背 4.6 km away, at 嶂背; B and OpenStreetMap agree
LIST_SOURCE = "Shenzhen Transport Bureau list of lines (2026)"
DATE_SOURCE = "opening dates: line histories 2024 and press 2024-2026"
FROM_A, THIRD = "A (OpenStreetMap-like, 2026-07)", "OpenStreetMap 2026-10"
Order = dict[str, list[str]]
"""Stations of each route of the list, by name in Simplified Chinese."""


def load_order(folder: Path) -> tuple[Order, dict[str, str]]:
    """The stations of each route in official order, and its colour."""
    text = (folder / "official_line_order_2026-01-14_transcribed.json").read_text(encoding="utf-8")
    routes = json.loads(text)["routes"]
    order = {r: [ALIAS.get(name, name) for name in listed.split()] for r, (_, listed) in routes.items()}
    return order, {r: colour for r, (colour, _) in routes.items()}


def phases(order: Order) -> dict[tuple[str, str], Row]:
    """By route and station: the phase that opened it; every station of a route is in exactly one."""
    found: dict[tuple[str, str], Row] = {}
    for phase in record_rows("sz_phases"):
        route = str(phase["route"])
        names = order[route]
        for name in names[names.index(phase["first_stop"]) : names.index(phase["last_stop"]) + 1]:
            if (route, name) in found:
                raise SystemExit(f"line {route}: {name} is in two phases")
            found[route, name] = phase
    missing = [(r, name) for r, names in order.items() for name in names if (r, name) not in found]
    if missing:
        raise SystemExit(f"stations in no phase: {missing}")
    return found


def position(row: dict[str, str], spare: dict[str, str] | None, own: Row, meets: bool) -> tuple[LonLat, str, str, float | None, str]:  # fmt: skip
    """Where a station is, from which source, checked against what, metres between the two, confidence.

    `row` is that of the compiled table, `spare` that of OpenStreetMap, `own` the record; `meets`: several lines call there.
    """
    a = (float(row["lon"]), float(row["lat"])) if row["lon"] else None
    third = (own["lon"], own["lat"]) if own.get("lon") else None
    other = (float(spare["lon"]), float(spare["lat"])) if spare else None
    if a and other and row["name_zh_hans"] in WRONG_IN_A:
        return other, "OpenStreetMap 2026", "B", metres(other, a), "B"
    if a and third and own["position_preferred"]:
        middle = ", middle of the platforms of its lines" if meets else ""
        return third, THIRD + middle, "A (one point of the station)", metres(third, a), "B"
    if a and row["position_source"] == "A+B":
        beside = f"; {THIRD} is {metres(a, third):.0f} m from it" if third else ""
        apart_m = float(row["A_B_distance_m"])
        return a, FROM_A + beside, "B (other map, converted, 2024-03)", apart_m, "B"
    if a and third:
        return a, FROM_A, f"{THIRD}, not independent of A", metres(a, third), "C"
    at = other or third
    if at is None:
        raise SystemExit(f"no position of {row['name_zh_hans']}")
    return at, "OpenStreetMap 2026" if other else THIRD, "length of track to its neighbours only", None, "C"


def stations(folder: Path, order: Order, opened: dict[tuple[str, str], Row]) -> dict[str, Row]:
    """Rows of the stations table by name in Simplified Chinese."""
    compiled: dict[str, dict[str, str]] = {}
    for row in read(folder / "stations_compiled_wgs84.csv"):
        name = ALIAS.get(row["name_zh_hans"], row["name_zh_hans"])
        if name not in compiled or row["position_source"] == "A":
            compiled[name] = row
    table = read(folder / "line13_and_missing_positions_wgs84.csv")
    osm = {r["name_zh_hans"]: r for r in table if r["line"] not in {"XRL", "GS"}}
    own = records("sz_stations")
    served = [name for names in order.values() for name in names]
    found = {}
    for name in dict.fromkeys(served):
        row, spare, record = compiled[name], osm.get(name), own.get(name, {})
        english = record.get("name_en") or row["name_en"] or (spare["name_en"] if spare else "")
        if not english:
            raise SystemExit(f"no English name for {name}")
        at, source, against, gap_m, confidence = position(row, spare, record, served.count(name) > 1)
        accuracy_m = 100 if confidence == "C" else 50
        text = f"{LIST_SOURCE}; {DATE_SOURCE}"
        text += f"; English name from {record['name_source']}" if record.get("name_source") else ""
        found[name] = {
            "station_id": record.get("station_id") or f"sz-{kebab(english)}",
            "name_en": english,
            "name_zh_hant": to_traditional(name),
            "name_zh_hans": name,
            "lon": f"{at[0]:.5f}",
            "lat": f"{at[1]:.5f}",
            "region": "sz",
            "system": "metro",
            "status": "existing",
            "opened": min(phase["opened"] for (_, n), phase in opened.items() if n == name),
            "street_access": 1,
            "accuracy_m": max(accuracy_m, 10 * math.ceil((gap_m or 0) / 10)),
            "position_source": source,
            "checked_against": against,
            "check_distance_m": "" if gap_m is None else round(gap_m),
            "confidence": confidence,
            "source": text,
        }
    ids = [row["station_id"] for row in found.values()]
    if len(set(ids)) < len(ids):
        raise SystemExit(f"ids used twice: {sorted({i for i in ids if ids.count(i) > 1})}")
    return found
