"""Proposed stations and drawn alignments of the proposed lines, and a check of their profiles.

    python layers/build/proposals.py --sources DIR

Inputs (in DIR)
  nodes_approx.csv                              second reading of the published plans, used as a check
  hk_rail_ferry_waypoints/mtr/{eal,tml,tcl}.json  official lines; stations inside them are set onto the track
  derived/hk_land_2024_from_lum.gpkg            Hong Kong land, end 2024: the Hong Kong shore of Deep Bay
  derived/geomaps_coastline_1m_2017_clip.gpkg   coastline 2017, good to 40-150 m: the Shenzhen shore
  derived/hk_lum2024_wetland_polys.gpkg         mangrove and fish ponds, to report their distance from stations and sites

and records/{proposed_stations,proposed_courses,proposed_interchanges,drawn_to}.csv

Outputs
  network/proposed_stations.csv    positions of proposed stations, with accuracy
  proposals/alignments.geojson     one LineString a line, WGS84, six decimals
  network/interchanges_proposed.csv  walks between proposed stations and lines or halls of today (assumptions)
  network/service_assumptions_proposed.csv  headways and hours of proposals.yaml, one row each
  proposals/proposals.yaml is written by hand; it is read and checked here, never written.

Method
  No alignment of these lines is published as data. Each is drawn in EPSG:4547 as a cubic spline through its
  stations and a few points between them, which are this compilation's own choice (the Northern Link's follow
  a hobby map of 2022, corrected at both ends), then laid out every 40 m. A drawn line is an indication:
  `accuracy_m` says how far away the built one may be. Run times and lengths are the published ones, never these.

Checks printed: length drawn against published, least curve radius, distance of each end and stop from its
station, where the line meets the shore, how the profile fits it, distance of stations to a second reading.

Licence of the result: CC BY 4.0 (own compilation); facts from DATA.GOV.HK (attribution) and OpenStreetMap (ODbL).
"""

from __future__ import annotations

import json
import sys
from operator import itemgetter
from pathlib import Path

import geopandas as gpd
import numpy as np
import yaml
from network_tables import COLUMNS
from positions import xy
from scipy.interpolate import CubicSpline
from shapely import line_merge, make_valid
from shapely.geometry import LineString, Point, shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points, unary_union
from tables import LAYERS, Row, read, record_rows, records, sources_argument, write

from corridor.core.crs import WGS84, WORKING, project, project_xy

STEP_M = 40.0
LEAST_RADIUS_M = 300.0
DETOUR, WALK_M_S = 1.3, 1.2  # straight line x 1.3 at 1.2 m/s (F06)
LEVELS_S = {"covered": 120, "street": 60}
"""Lifts and escalators of a deep and of a shallow or elevated station."""


def read_line(sources: Path, name: str) -> BaseGeometry:
    """An official line (CSDI) in EPSG:4547."""
    data = json.loads(
        (sources / "hk_rail_ferry_waypoints" / "mtr" / f"{name}.json").read_text(encoding="utf-8")
    )
    features = data.get("features", [data])
    return unary_union([project(shape(f["geometry"])) for f in features])


def point(lon: float, lat: float) -> Point:
    """A position in EPSG:4547."""
    return Point(xy((lon, lat)))


def lonlat(p: Point) -> tuple[float, float]:
    """Longitude and latitude of a point, six decimals."""
    lon, lat = project_xy([p.x], [p.y], WORKING, WGS84)
    return round(float(lon[0]), 6), round(float(lat[0]), 6)


def stations(sources: Path) -> list[Row]:
    """Rows of proposed_stations.csv: positions of the record, some set onto the official line, checked by a second reading."""
    nodes = {r["id"]: (float(r["lon"]), float(r["lat"])) for r in read(sources / "nodes_approx.csv")}
    rows = []
    for r in record_rows("proposed_stations"):
        p = point(r["lon"], r["lat"])
        if r["set_onto_line"]:
            p = nearest_points(read_line(sources, r["set_onto_line"]), p)[0]
        lon, lat = lonlat(p)
        other = nodes.get(r["check_node"])
        rows.append(r | {
            "lon": f"{lon:.5f}", "lat": f"{lat:.5f}", "street_access": 1,
            "checked_against": "second reading of the published plans" if other else "",
            "check_distance_m": round(p.distance(point(*other))) if other else "",
        })  # fmt: skip
    return rows


def spline(points: list[Point]) -> LineString:
    """A smooth course through points, laid out every 40 m (EPSG:4547)."""
    xy = np.array([(p.x, p.y) for p in points])
    chord = np.hypot(*np.diff(xy, axis=0).T)
    t = np.concatenate([[0.0], np.cumsum(np.sqrt(chord))])  # centripetal: no loops where points are close
    curve = CubicSpline(t, xy, bc_type="natural")
    fine = curve(np.linspace(0, t[-1], 20_000))
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(fine, axis=0).T))])
    knots = along[[int(round(v / t[-1] * 19_999)) for v in t]]
    marks = [0.0]
    for a, b in zip(knots[:-1], knots[1:], strict=True):
        marks += list(np.linspace(a, b, max(2, int(np.ceil((b - a) / STEP_M)) + 1))[1:])
    return LineString(np.column_stack([np.interp(marks, along, fine[:, i]) for i in (0, 1)]))


def least_radius(line: LineString) -> float:
    """Least radius of the curves of a line, metres."""
    even = np.array([line.interpolate(s).coords[0] for s in np.arange(0, line.length, 80.0)])
    if len(even) < 3:
        return float("inf")
    a, b, c = even[:-2], even[1:-1], even[2:]
    ab, bc, ca = (np.hypot(*(q - p).T) for p, q in ((a, b), (b, c), (c, a)))
    cross = np.abs((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])
    return float(np.min(ab * bc * ca / np.maximum(2 * cross, 1e-9)))


def course(record: Row) -> list[str | tuple[float, float]]:
    """The stations and the points between them that a line is drawn through, in order."""
    parts = [part.split() for part in record["course"].split("; ")]
    return [part[0] if len(part) == 1 else (float(part[0]), float(part[1])) for part in parts]


def draw(places: dict[str, Point]) -> dict[str, LineString]:
    """The course of every proposed line (records/proposed_courses.csv) in EPSG:4547."""
    return {
        line_id: spline([places[s] if isinstance(s, str) else point(*s) for s in course(record)])
        for line_id, record in records("proposed_courses").items()
    }


def shores(sources: Path, line: LineString) -> tuple[float, float]:
    """Chainage (m) of the Hong Kong and of the Shenzhen shore of Deep Bay on a line from south to north."""
    land = gpd.read_file(sources / "derived" / "hk_land_2024_from_lum.gpkg")
    hong_kong = unary_union([make_valid(project(g)) for g in land.geometry])
    coast = gpd.read_file(sources / "derived" / "geomaps_coastline_1m_2017_clip.gpkg")
    other_side = line_merge(unary_union([project(g) for g in coast.geometry]))
    on_land = line.intersection(hong_kong)
    pieces = getattr(on_land, "geoms", [on_land])
    hk = max(line.project(Point(c)) for piece in pieces for c in piece.coords)
    hits = line.intersection(other_side)
    sz = max(line.project(p) for p in getattr(hits, "geoms", [hits]))
    return hk, sz


def check_profiles(folder: Path, lines: dict[str, LineString], places: dict[str, Point]) -> list[str]:
    """Print how the profiles of proposals.yaml fit the drawn lines; returns faults."""
    path = folder / "proposals" / "proposals.yaml"
    if not path.exists():
        return ["proposals.yaml is not there yet"]
    faults = []
    for spec in yaml.safe_load(path.read_text(encoding="utf-8")):
        line = lines.get(spec.get("alignment", ""))
        if line is None:
            continue
        parts = sorted(p["chainage_km"] for p in spec["profile"])
        ends = [a for a, _ in parts[1:]] + [round(line.length / 1000, 3)]
        if parts[0][0] != 0 or any(abs(b - e) > 0.001 for (_, b), e in zip(parts, ends, strict=True)):
            faults.append(f"{spec['id']}: profile {parts} against {line.length / 1000:.3f} km")
        published = spec.get("length_km")
        ratio = f"{line.length / 1000 / published:.3f}" if published else "-"
        stops = {s: places[s] for s in spec.get("stops", [])}
        far = {s: round(line.distance(p)) for s, p in stops.items() if line.distance(p) > 1}
        print(
            f"  {spec['id']}: drawn {line.length / 1000:.3f} km, published {published}, ratio {ratio}, "
            f"stops at {[round(line.project(p) / 1000, 3) for p in stops.values()]}, off the line {far}"
        )
    return faults


def interchanges(places: dict[str, Point]) -> list[Row]:
    """Rows of interchanges_proposed.csv: seconds of the record, else by the straight line between positions."""
    rows = []
    for r in record_rows("proposed_interchanges"):
        r |= {"length_m": "", "assumed": 1}
        if r["walk_s"] is None:
            r["length_m"] = round(DETOUR * places[r["from_station"]].distance(places[r["to_station"]]))
            levels_s = LEVELS_S[r["kind"]]
            r["walk_s"] = round(r["length_m"] / WALK_M_S / 10) * 10 + levels_s
            r["note"] = (
                f"straight line x {DETOUR} at {WALK_M_S} m/s and {levels_s} s for levels, an assumption; positions approximate"
            )
        rows.append(r)
    return rows


def service_assumptions(folder: Path) -> list[Row]:
    """Rows of service_assumptions_proposed.csv: headways and hours of proposals.yaml."""
    path = folder / "proposals" / "proposals.yaml"
    if not path.exists():
        return []
    rows = []
    for spec in sorted(yaml.safe_load(path.read_text(encoding="utf-8")), key=lambda s: s["id"]):
        if "headway_min" not in spec:
            continue
        common = {
            "operator": "not decided",
            "mode": spec["mode"],
            "confidence": "M",
            "source": " ".join(spec["source"]),
        }
        reason = "none published; set as for comparable lines of today"
        values = [("peak", "headway", spec["headway_min"]["peak"], "min", reason),
                  ("off_peak", "headway", spec["headway_min"]["off_peak"], "min", reason),
                  ("all", "first_departure", spec["hours"][0], "HH:MM", reason),
                  ("all", "last_departure", spec["hours"][1], "HH:MM", reason)]  # fmt: skip
        if "run_time_note" in spec and str(spec["run_time_note"]["en"]).startswith("None is published"):
            values.append(("all", "run_time", spec["run_time_min"], "min", spec["run_time_note"]["en"]))
        for period, quantity, value, unit, why in values:
            rows.append({"assumption_id": f"proposed-{spec['id']}-{quantity}-{period}".replace("_", "-"), "period": period,
                         "quantity": quantity, "value": value, "unit": unit, "reason": why, **common})  # fmt: skip
    return rows


def write_all(out: Path, rows: list[Row], walks: list[Row], lines: dict[str, LineString]) -> None:
    """Write the three tables and the alignments."""
    network, order = out / "network", itemgetter("station_id")
    write(network / "proposed_stations.csv", COLUMNS["stations"], sorted(rows, key=order))
    write(network / "interchanges_proposed.csv", COLUMNS["interchanges"], walks)
    assumed = "assumption_id,operator,mode,period,quantity,value,unit,reason,confidence,source"
    write(network / "service_assumptions_proposed.csv", assumed, service_assumptions(out))
    courses = records("proposed_courses")
    features = []
    for line_id, line in sorted(lines.items()):
        record = courses[line_id]
        x, y = project_xy(*np.array(line.coords).T, WORKING, WGS84)
        features.append(
            {
                "type": "Feature",
                "properties": {"line_id": line_id, **{c: record[c] for c in ("accuracy_m", "method", "source", "confidence")},
                               "drawn_length_m": round(line.length)},
                "geometry": {"type": "LineString",
                             "coordinates": [[round(float(a), 6), round(float(b), 6)] for a, b in zip(x, y, strict=True)]},
            }
        )  # fmt: skip
    body = ",\n".join(json.dumps(f, ensure_ascii=False) for f in features)
    text = '{"type": "FeatureCollection", "name": "alignments", "features": [\n' + body + "\n]}\n"
    (out / "proposals" / "alignments.geojson").write_text(text, encoding="utf-8")


def report(
    sources: Path, rows: list[Row], lines: dict[str, LineString], places: dict[str, Point]
) -> list[str]:
    """Print the checks; returns lines whose curves are too tight."""
    print("stations against a second reading (m):")
    for r in sorted(rows, key=itemgetter("station_id")):
        if r["check_distance_m"] != "":
            print(f"  {r['station_id']}: {r['check_distance_m']} (accuracy {r['accuracy_m']})")
    print("least radius (m):")
    faults = []
    courses = records("proposed_courses")
    for line_id, line in sorted(lines.items()):
        radius = least_radius(line)
        at = {s: round(line.project(places[s])) for s in course(courses[line_id]) if isinstance(s, str)}
        print(f"  {line_id}: length {line.length:.0f} m, radius {radius:.0f}, stations {at}")
        if radius < LEAST_RADIUS_M:
            faults.append(f"{line_id}: radius below {LEAST_RADIUS_M:.0f} m")
    for line_id in ("hswrl", "hswrl-ecology-first"):
        hk, sz = shores(sources, lines[line_id])
        print(
            f"  {line_id}: Hong Kong shore at {hk:.0f} m, Shenzhen shore at {sz:.0f} m, undersea {sz - hk:.0f} m (published 5,400)"
        )
    wet = gpd.read_file(sources / "derived" / "hk_lum2024_wetland_polys.gpkg")
    mangrove, ponds = (unary_union([project(g) for g in wet[wet["code"] == c].geometry]) for c in (74, 62))
    for s in ("lau-fau-shan", "lau-fau-shan@ecology-first", "chau-tau", "the-loop", "san-tin"):
        print(
            f"  {s}: {places[s].distance(mangrove):.0f} m from mangrove, {places[s].distance(ponds):.0f} m from fish ponds"
        )
    return faults


def main() -> None:
    """Build the tables and the alignments, and check proposals.yaml."""
    sources = sources_argument(__doc__ or "")
    rows = stations(sources)
    places = {r["station_id"]: point(float(r["lon"]), float(r["lat"])) for r in rows}
    places |= {place: point(r["lon"], r["lat"]) for place, r in records("drawn_to").items()}
    lines = draw(places)
    write_all(LAYERS, rows, interchanges(places), lines)
    faults = report(sources, rows, lines, places) + check_profiles(LAYERS, lines, places)
    print("\n".join(["faults:", *faults]) if faults else "no faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
