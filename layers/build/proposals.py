# ruff: noqa: E501 (the tables of stations and courses are one row a line)
"""Proposed stations and drawn alignments of the proposed lines, and a check of their profiles.

Usage: python layers/build/proposals.py --sources DIR [--out layers]

Inputs (in DIR)
  nodes_approx.csv                              second reading of the published plans, used as a check
  hk_rail_ferry_waypoints/mtr/{eal,tml,tcl}.json  official lines; stations inside them are set onto the track
  derived/hk_land_2024_from_lum.gpkg            Hong Kong land, end 2024: the Hong Kong shore of Deep Bay
  derived/geomaps_coastline_1m_2017_clip.gpkg   coastline 2017, good to 40-150 m: the Shenzhen shore
  derived/hk_lum2024_wetland_polys.gpkg         mangrove and fish ponds, to report how near stations and sites lie

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
  `accuracy_m` says how far the built one may lie. Run times and lengths are the published ones, never these.

Checks printed: length drawn against published, least curve radius, distance of each end and stop from its
station, where the line meets the shore, how the profile lies on it, distance of stations to a second reading.

Licence of the result: CC BY 4.0 (own compilation); facts from DATA.GOV.HK (attribution) and OpenStreetMap (ODbL).
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import yaml
from scipy.interpolate import CubicSpline
from shapely import line_merge, make_valid
from shapely.geometry import LineString, Point, shape
from shapely.ops import nearest_points, unary_union

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from corridor.core.crs import WGS84, WORKING, project, project_xy

STEP_M = 40.0
LEAST_RADIUS_M = 300.0
COLUMNS = [
    "station_id",
    "name_en",
    "name_zh_hant",
    "name_zh_hans",
    "lon",
    "lat",
    "region",
    "system",
    "status",
    "opened",
    "street_access",
    "accuracy_m",
    "position_source",
    "checked_against",
    "check_distance_m",
    "confidence",
    "source",
]

HOBBY = "hobby map of future lines, 2022"
OWN = "drawn from published descriptions (assumption)"
SNAPPED = "set onto the official line; place along it from published descriptions"

# station_id, names (en, Hant, Hans), lon, lat, region, system, status, opened, accuracy_m, position, confidence,
# source, node for the check, official line to be set onto
STATIONS = [
    ("kwu-tung", "Kwu Tung", "古洞", "古洞", 114.1022, 22.5077, "hk", "metro", "construction", "2027", 300, SNAPPED, "B", "C05", "KTU", "eal"),
    ("hung-shui-kiu", "Hung Shui Kiu", "洪水橋", "洪水桥", 113.98661, 22.42808, "hk", "metro", "construction", "2030", 350, f"{HOBBY}; set onto the official line", "B", "W20", "HSK", "tml"),
    ("oyster-bay", "Oyster Bay", "小蠔灣", "小蚝湾", 113.9800, 22.3052, "hk", "metro", "construction", "2030", 500, SNAPPED, "M", "W22", "OYB", "tcl"),
    ("tung-chung-east", "Tung Chung East", "東涌東", "东涌东", 113.9600, 22.2985, "hk", "metro", "construction", "2029", 400, SNAPPED, "M", "W22", "TCE", "tcl"),
    ("tung-chung-west", "Tung Chung West", "東涌西", "东涌西", 113.9353, 22.2806, "hk", "metro", "construction", "2029", 400, OWN, "M", "W22", "", ""),
    ("tuen-mun-area-16", "Tuen Mun Area 16", "屯門第16區", "屯门第16区", 113.96965, 22.38434, "hk", "metro", "construction", "2030", 350, HOBBY, "C", "W18", "A16", ""),
    ("tuen-mun-south", "Tuen Mun South", "屯門南", "屯门南", 113.96590, 22.37460, "hk", "metro", "construction", "2030", 400, HOBBY, "C", "W18", "TMS", ""),
    ("au-tau", "Au Tau", "凹頭", "凹头", 114.05493, 22.44930, "hk", "metro", "construction", "2034", 400, HOBBY, "C", "C01", "AUT", ""),
    ("ngau-tam-mei", "Ngau Tam Mei", "牛潭尾", "牛潭尾", 114.06280, 22.47281, "hk", "metro", "construction", "2034", 500, HOBBY, "C", "C01", "NTM", ""),
    ("san-tin", "San Tin", "新田", "新田", 114.07504, 22.48815, "hk", "metro", "construction", "2034", 650, HOBBY, "C", "C01", "SAT", ""),
    ("chau-tau", "Chau Tau", "洲頭", "洲头", 114.0766, 22.5018, "hk", "metro", "planned_official", "2034", 700, OWN, "M", "C02", "CHT", ""),
    ("the-loop", "The Loop", "河套", "河套", 114.0812, 22.5200, "hk", "metro", "planned_official", "2034", 600, OWN, "M", "C02", "LOP", ""),
    ("huanggang-port", "Huanggang Port", "皇崗口岸", "皇岗口岸", 114.0706, 22.5222, "sz", "metro", "planned_official", "2034", 400, OWN, "M", "C02 B03", "HGP", ""),
    ("ha-tsuen", "Ha Tsuen", "厦村", "厦村", 113.9872, 22.4454, "hk", "metro", "planned_official", "2035", 700, OWN, "M", "W02", "HAT", ""),
    ("lau-fau-shan", "Lau Fau Shan", "流浮山", "流浮山", 113.98407, 22.46400, "hk", "metro", "planned_official", "2035", 600, OWN, "M", "W02", "LFS", ""),
    ("shenzhen-bay-port", "Shenzhen Bay Port", "深圳灣口岸", "深圳湾口岸", 113.9441, 22.5070, "sz", "metro", "planned_official", "2035", 400, "beside the Line 13 station of the port (assumption)", "C", "W02 W08", "SZB", ""),
    ("qianhai", "Qianhai", "前海", "前海", 113.8936, 22.5397, "sz", "metro", "planned_official", "2035", 500, "beside Qianhaiwan station (assumption)", "C", "W02", "QHW", ""),
    ("tuen-mun-east", "Tuen Mun East", "屯門東", "屯门东", 113.9985, 22.3815, "hk", "metro", "concept", "", 800, OWN, "M", "W16", "", ""),
    ("xixiang-intercity", "Xixiang (intercity)", "西鄉（城際）", "西乡（城际）", 113.8655, 22.5735, "sz", "hsr", "studied", "", 800, OWN, "M", "W14", "", ""),
    ("xili-hub", "Xili High Speed Rail Station", "西麗高鐵站", "西丽高铁站", 113.9415, 22.5690, "sz", "metro", "construction", "", 500, "between its neighbours on Line 13 (assumption)", "M", "Z03 Z10", "XLI", ""),
    ("sz-airport-east-hub", "Shenzhen Airport East hub", "深圳機場東樞紐", "深圳机场东枢纽", 113.8176, 22.6500, "sz", "hsr", "construction", "2027-10", 200, "at the metro station Airport East", "B", "Z11", "APE", ""),
    ("tsuen-king-wai", "Tsuen King Wai", "荃景圍", "荃景围", 114.1065, 22.3745, "hk", "metro", "studied", "", 800, OWN, "M", "C12", "", ""),
    ("tsuen-wan-north-east", "North East Tsuen Wan", "荃灣東北", "荃湾东北", 114.1235, 22.3765, "hk", "metro", "studied", "", 800, OWN, "M", "C12", "", ""),
    ("kwai-chung-north-east", "North East Kwai Chung", "葵涌東北", "葵涌东北", 114.1395, 22.3660, "hk", "metro", "studied", "", 800, OWN, "M", "C12", "", ""),
]  # fmt: skip

# Stations of today at which a proposed line begins or ends (lon, lat), only to draw to.
EXISTING = {
    "kam-sheung-road": (114.0632, 22.43513),
    "tuen-mun": (113.97319, 22.39513),
    "tung-chung": (113.9415, 22.2893),
    "sunny-bay": (114.0289, 22.3318),
    "sz-airport": (113.80897, 22.62639),
    "kowloon-tong": (114.1761, 22.3370),
    "sz-shenzhen-bay-checkpoint": (113.94535, 22.50603),
    "sz-qianhaiwan": (113.89277, 22.54031),
    "sz-huanggang-checkpoint": (114.06926, 22.52419),
    "sz-xixiang": (113.85698, 22.57906),
    "sz-airport-east": (113.8176, 22.64998),
    "lr-chung-uk-tsuen": (113.99223, 22.42966),
    "lr-nai-wai": (113.98632, 22.42365),
    "lr-siu-hei": (113.9669, 22.37524),
    "lr-tuen-mun-ferry-pier": (113.96712, 22.37271),
    "lr-tuen-mun-swimming-pool": (113.97036, 22.38118),
}

DETOUR, WALK_M_S = 1.3, 1.2  # straight line x 1.3 at 1.2 m/s (F06)
LEVELS_S = {
    "covered": 120,
    "street": 60,
}  # lifts and escalators of a deep and of a shallow or elevated station
# from, to, seconds where no positions give them, kind, source, note
INTERCHANGES = [
    (
        "huanggang-port",
        "huanggang@sz",
        240,
        "covered",
        "C02 B03",
        "station below the port building; 240 s, an assumption",
    ),
    ("huanggang-port", "sz-huanggang-checkpoint", None, "covered", "C02 Z08 F06", ""),
    (
        "hung-shui-kiu",
        "hung-shui-kiu",
        300,
        "in_station",
        "W02 W20",
        "underground to elevated platforms; 300 s, an assumption",
    ),
    ("hung-shui-kiu", "lr-chung-uk-tsuen", None, "street", "W20 F06", ""),
    ("hung-shui-kiu", "lr-nai-wai", None, "street", "W20 F06", ""),
    ("qianhai", "sz-qianhaiwan", None, "covered", "W02 Z08 F06", ""),
    (
        "shenzhen-bay-port",
        "shenzhen-bay@sz",
        300,
        "covered",
        "W02 B04",
        "station beside the port hall; 300 s, an assumption",
    ),
    ("shenzhen-bay-port", "sz-shenzhen-bay-checkpoint", None, "covered", "W02 Z08 F06", ""),
    ("sz-airport-east-hub", "sz-airport-east", 300, "covered", "Z11", "300 s, an assumption"),
    ("tuen-mun-area-16", "lr-tuen-mun-swimming-pool", None, "street", "W18 F06", ""),
    ("tuen-mun-south", "lr-siu-hei", None, "street", "W18 F06", ""),
    ("tuen-mun-south", "lr-tuen-mun-ferry-pier", None, "street", "W18 F06", ""),
    ("xixiang-intercity", "sz-xixiang", None, "street", "W14 F06", ""),
]

# What is moved in a variant: Lau Fau Shan landward of 500 m from mangrove.
VARIANT_STATIONS = {"lau-fau-shan@ecology-first": (113.9867, 22.4619)}

# line_id: (stations and (lon, lat) points between them, accuracy_m, confidence, source, method)
DRAWN: dict[str, tuple[list[str | tuple[float, float]], int, str, str, str]] = {
    "kwu-tung-station": ([(114.1009, 22.50762), "kwu-tung", (114.1035, 22.50765)], 300, "C", "C05", "platform length on the official line"),
    "hung-shui-kiu-station": ([(113.9861, 22.42695), "hung-shui-kiu", (113.98732, 22.42908)], 200, "C", "W20", "platform length on the official line"),
    "tuen-mun-south-extension": (["tuen-mun", (113.97143, 22.38763), "tuen-mun-area-16", (113.96724, 22.37994), "tuen-mun-south"], 150, "C", "W18", "spline through the hobby map's points along the Tuen Mun River"),
    "tung-chung-line-extension": (["tung-chung", (113.9394, 22.2862), "tung-chung-west"], 300, "M", "W22", "spline, own drawing"),
    "northern-link": (["kam-sheung-road", (114.0575, 22.4428), "au-tau", (114.05225, 22.4580), (114.0555, 22.4668), "ngau-tam-mei", (114.0648, 22.4796), (114.0700, 22.4857), "san-tin", (114.0800, 22.4955), (114.0862, 22.5033), (114.0935, 22.5068), "kwu-tung"], 400, "C", "C01", "spline through a hobby map's course, its southern start and northern overshoot corrected"),
    "northern-link-spur": (["san-tin", (114.0800, 22.4935), (114.0792, 22.4985), "chau-tau", (114.0757, 22.5072), (114.0785, 22.5105), (114.0825, 22.5140), "the-loop", (114.0760, 22.5240), "huanggang-port"], 600, "M", "C02", "spline, own drawing; the published length implies a detour, whose course is not published"),
    "hswrl": (["hung-shui-kiu", (113.9862, 22.4367), "ha-tsuen", (113.9870, 22.4551), "lau-fau-shan", (113.9805, 22.4700), (113.9702, 22.4872), (113.9560, 22.5018), "shenzhen-bay-port", (113.9300, 22.5105), (113.9130, 22.5150), (113.8985, 22.5250), "qianhai"], 600, "M", "W01 W02 W04", "spline, own drawing; undersea part and lengths on each side near the published ones"),
    "hswrl-ecology-first": (["hung-shui-kiu", (113.9868, 22.4367), "ha-tsuen", (113.9880, 22.4545), "lau-fau-shan@ecology-first", (113.9805, 22.4700), (113.9702, 22.4872), (113.9560, 22.5018), "shenzhen-bay-port", (113.9300, 22.5105), (113.9130, 22.5150), (113.8985, 22.5250), "qianhai"], 600, "M", "W01 W02 W04", "as hswrl, with Lau Fau Shan moved landward"),
    "hk-island-west-hung-shui-kiu": (["sunny-bay", (114.0140, 22.3560), "tuen-mun-east", (113.9960, 22.4020), (113.9890, 22.4175), "hung-shui-kiu"], 800, "M", "W16", "spline, own drawing of a concept"),
    "qianhai-airport": (["qianhai", (113.8790, 22.5560), "xixiang-intercity", (113.8420, 22.5950), (113.8180, 22.6110), "sz-airport"], 800, "M", "W14", "spline, own drawing"),
    "central-rail-link": (["kam-sheung-road", (114.0760, 22.4050), (114.0930, 22.3830), "tsuen-king-wai", "tsuen-wan-north-east", "kwai-chung-north-east", (114.1600, 22.3480), "kowloon-tong"], 800, "M", "C12", "spline, own drawing of a concept"),
}  # fmt: skip


def read_line(sources: Path, name: str):
    data = json.loads(
        (sources / "hk_rail_ferry_waypoints" / "mtr" / f"{name}.json").read_text(encoding="utf-8")
    )
    features = data.get("features", [data])
    return unary_union([project(shape(f["geometry"])) for f in features])


def point(lon: float, lat: float) -> Point:
    x, y = project_xy([lon], [lat])
    return Point(float(x[0]), float(y[0]))


def lonlat(p: Point) -> tuple[float, float]:
    lon, lat = project_xy([p.x], [p.y], WORKING, WGS84)
    return round(float(lon[0]), 6), round(float(lat[0]), 6)


def stations(sources: Path) -> list[dict[str, object]]:
    with (sources / "nodes_approx.csv").open(encoding="utf-8") as handle:
        nodes = {r["id"]: (float(r["lon"]), float(r["lat"])) for r in csv.DictReader(handle)}
    tracks = {name: read_line(sources, name) for name in ("eal", "tml", "tcl")}
    rows = []
    for (
        sid,
        en,
        hant,
        hans,
        lon,
        lat,
        region,
        system,
        status,
        opened,
        acc,
        how,
        conf,
        source,
        node,
        track,
    ) in STATIONS:
        p = point(lon, lat)
        if track:
            p = nearest_points(tracks[track], p)[0]
        lon, lat = lonlat(p)
        other = nodes.get(node)
        rows.append(
            dict(
                zip(
                    COLUMNS,
                    (sid, en, hant, hans, f"{lon:.5f}", f"{lat:.5f}", region, system, status, opened, 1, acc, how,
                     "second reading of the published plans" if other else "",
                     round(p.distance(point(*other))) if other else "", conf, source),
                    strict=True,
                )
            )
        )  # fmt: skip
    return sorted(rows, key=lambda r: str(r["station_id"]))


def spline(points: list[Point]) -> LineString:
    xy = np.array([(p.x, p.y) for p in points])
    chord = np.hypot(*np.diff(xy, axis=0).T)
    t = np.concatenate([[0.0], np.cumsum(np.sqrt(chord))])  # centripetal: no loops where points stand close
    curve = CubicSpline(t, xy, bc_type="natural")
    fine = curve(np.linspace(0, t[-1], 20_000))
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(fine, axis=0).T))])
    knots = along[[int(round(v / t[-1] * 19_999)) for v in t]]
    marks = [0.0]
    for a, b in zip(knots[:-1], knots[1:], strict=True):
        marks += list(np.linspace(a, b, max(2, int(np.ceil((b - a) / STEP_M)) + 1))[1:])
    return LineString(np.column_stack([np.interp(marks, along, fine[:, i]) for i in (0, 1)]))


def least_radius(line: LineString) -> float:
    even = np.array([line.interpolate(s).coords[0] for s in np.arange(0, line.length, 80.0)])
    if len(even) < 3:
        return float("inf")
    a, b, c = even[:-2], even[1:-1], even[2:]
    ab, bc, ca = (np.hypot(*(q - p).T) for p, q in ((a, b), (b, c), (c, a)))
    cross = np.abs((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])
    return float(np.min(ab * bc * ca / np.maximum(2 * cross, 1e-9)))


def draw(places: dict[str, Point]) -> dict[str, LineString]:
    return {
        line_id: spline([places[s] if isinstance(s, str) else point(*s) for s in course])
        for line_id, (course, *_) in DRAWN.items()
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


def interchanges(places: dict[str, Point]) -> list[dict[str, object]]:
    rows = []
    for start, end, seconds, kind, source, note in INTERCHANGES:
        length: object = ""
        if seconds is None:
            length = round(DETOUR * places[start].distance(places[end]))
            seconds = round(float(str(length)) / WALK_M_S / 10) * 10 + LEVELS_S[kind]
            note = f"straight line x 1.3 at 1.2 m/s and {LEVELS_S[kind]} s for levels, an assumption; positions approximate"
        rows.append({"from_station": start, "to_station": end, "walk_s": seconds, "length_m": length, "kind": kind,
                     "assumed": 1, "confidence": "M", "source": source, "note": note})  # fmt: skip
    return rows


def service_assumptions(folder: Path) -> list[dict[str, object]]:
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


def write_csv(path: Path, columns: list[str], rows: list[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write(
    out: Path, rows: list[dict[str, object]], walks: list[dict[str, object]], lines: dict[str, LineString]
) -> None:
    (out / "network").mkdir(parents=True, exist_ok=True)
    (out / "proposals").mkdir(parents=True, exist_ok=True)
    write_csv(out / "network" / "proposed_stations.csv", COLUMNS, rows)
    write_csv(
        out / "network" / "interchanges_proposed.csv",
        [
            "from_station",
            "to_station",
            "walk_s",
            "length_m",
            "kind",
            "assumed",
            "confidence",
            "source",
            "note",
        ],
        walks,
    )
    write_csv(out / "network" / "service_assumptions_proposed.csv",
              ["assumption_id", "operator", "mode", "period", "quantity", "value", "unit", "reason", "confidence", "source"],
              service_assumptions(out))  # fmt: skip
    features = []
    for line_id, line in sorted(lines.items()):
        _, accuracy, confidence, source, method = DRAWN[line_id]
        x, y = project_xy(*np.array(line.coords).T, WORKING, WGS84)
        features.append(
            {
                "type": "Feature",
                "properties": {"line_id": line_id, "accuracy_m": accuracy, "method": method, "source": source,
                               "confidence": confidence, "drawn_length_m": round(line.length)},
                "geometry": {"type": "LineString",
                             "coordinates": [[round(float(a), 6), round(float(b), 6)] for a, b in zip(x, y, strict=True)]},
            }
        )  # fmt: skip
    body = ",\n".join(json.dumps(f, ensure_ascii=False) for f in features)
    text = '{"type": "FeatureCollection", "name": "alignments", "features": [\n' + body + "\n]}\n"
    (out / "proposals" / "alignments.geojson").write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sources", type=Path, required=True, help="folder with the reference data")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parents[1])
    args = parser.parse_args()
    rows = stations(args.sources)
    places = {str(r["station_id"]): point(float(str(r["lon"])), float(str(r["lat"]))) for r in rows}
    places |= {k: point(*v) for k, v in (EXISTING | VARIANT_STATIONS).items()}
    lines = draw(places)
    write(args.out, rows, interchanges(places), lines)
    print("stations against a second reading (m):")
    for r in rows:
        if r["check_distance_m"] != "":
            print(f"  {r['station_id']}: {r['check_distance_m']} (accuracy {r['accuracy_m']})")
    print("least radius (m):")
    small = []
    for line_id, line in sorted(lines.items()):
        radius = least_radius(line)
        course = DRAWN[line_id][0]
        at = {s: round(line.project(places[s])) for s in course if isinstance(s, str)}
        print(f"  {line_id}: length {line.length:.0f} m, radius {radius:.0f}, stations {at}")
        if radius < LEAST_RADIUS_M:
            small.append(line_id)
    for line_id in ("hswrl", "hswrl-ecology-first"):
        hk, sz = shores(args.sources, lines[line_id])
        print(
            f"  {line_id}: Hong Kong shore at {hk:.0f} m, Shenzhen shore at {sz:.0f} m, undersea {sz - hk:.0f} m (published 5,400)"
        )
    wet = gpd.read_file(args.sources / "derived" / "hk_lum2024_wetland_polys.gpkg")
    mangrove = unary_union([project(g) for g in wet[wet["code"] == 74].geometry])
    ponds = unary_union([project(g) for g in wet[wet["code"] == 62].geometry])
    for s in ("lau-fau-shan", "lau-fau-shan@ecology-first", "chau-tau", "the-loop", "san-tin"):
        print(
            f"  {s}: {places[s].distance(mangrove):.0f} m from mangrove, {places[s].distance(ponds):.0f} m from fish ponds"
        )
    faults = check_profiles(args.out, lines, places)
    faults += [f"{line_id}: radius below {LEAST_RADIUS_M:.0f} m" for line_id in small]
    print("\n".join(["faults:", *faults]) if faults else "no faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
