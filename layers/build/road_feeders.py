"""Build the road tables (layers/network/*_road.csv): buses, minibuses, coaches and the shuttle to the control points.

    python layers/build/road_feeders.py --sources DIR        (after checkpoints.py and hk_rail.py)

Inputs (below DIR), all of the Transport Department and the operators, by way of DATA.GOV.HK, 2026-08 (attribution):
    hk_bus_headways/{KMB,CTB,NLB,GMB}_{Route,Stop}.json     stops in order, positions, end-to-end minutes, departures
    hk_bus_headways/GeoJSON_BUS.txt                         end-to-end minutes of the cross-boundary coaches
    hk_bus_headways/td_gtfs_part/{frequencies,stops}.txt    departures of the coaches; second positions for checking
and layers/network/checkpoints.csv, stations_hk.csv for halls and rail stations.

Method
    Which routes: those with at least seven departures on a working day that reach a road control point, Lok Ma
    Chau Spur station, or San Tin, where the Yellow Bus starts. Left out for fewer: 55S, 59K, 76, 976, 976A, A43P, X43;
    for running on other days only: B2X, B3M, B9A, NB3, N276. 618A and 618B (peaks only) and the airport's NA43 are left
    out too; 276 and 276A do not call at San Tin.
    Departures are those of a Wednesday; a night route's day runs past 24:00. A headway is the mean time since the
    departure before, over the departures of the period. First and last departures are read off, never assumed.
    Stops kept: both ends, those inside or at a control point or San Tin, the nearest to each MTR station (300 m) and,
    where none is kept within 600 m, to each Light Rail stop, and one about every 1.5 km. Stops of several routes within
    150 m are one station.
    Run times: the published minutes end to end, shared out over the stops kept by distance along all stops; dwell
    is inside. length_m is that distance, straight from stop to stop, so shorter than the road.
    Coaches and the Yellow Bus: their published minutes go to the Shenzhen side; here they end at the Hong Kong hall
    of Huanggang, and the clearance of `separate_bus` (30 min door to door, shuttle included) takes their passengers
    across. Calls between the ends are left out: the table gives no order for them.
    Walks: straight line x 1.3 at 1.2 m/s, an assumption, from each stop to its hall (at least a minute) and to the
    rail stations within 300 m.

Known faults of the sources, and what is done
    618 back ends at 12:05 on working days: from then on its own table of Sundays stands in (assumption road-618).
    59S every 3 min: taken as every 10 (assumption road-59s; 20 when it began in 2023).
    B2 and B2P end at a stop drawn 0.7 km off Shenzhen Bay Port: put at the port, where the other routes stop.
    N73 "Lok Ma Chau" is San Tin, 1.1 km from the hall: passengers change there to the Yellow Bus.
    73K ends at San Uk Ling, some 430 m short of Man Kam To: the walk is an assumption, see road-man-kam-to.
    The tables of 2026 stand for 2024 as well: no earlier ones are at hand (assumption road-2024).

Checks printed: positions against the Transport Department's stops; headways of 10:00-16:00 against published ones.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from corridor.core.crs import project_xy

SOURCE = "Transport Department and operators via DATA.GOV.HK, 2026-08"
WEDNESDAY, SUNDAY = 4, 64  # service ids are bit masks: 1 Monday, 2 Tuesday, 4 Wednesday, ...
MIN_DEPARTURES = 7
NEAR_RAIL_M, NEAR_LIGHT_RAIL_M, SPACING_M, SAME_STOP_M = 300.0, 600.0, 1500.0, 150.0
WALK_DETOUR, WALK_M_S = 1.3, 1.2
PERIODS = {  # minutes after midnight
    "early": (300, 450), "am_peak": (450, 570), "midday": (570, 1020), "pm_peak": (1020, 1170),
    "evening": (1170, 1320), "late": (1320, 1530), "night": (1530, 1740),
}  # fmt: skip
OPERATOR = {
    "KMB": "Kowloon Motor Bus",
    "CTB": "Citybus",
    "NLB": "New Lantao Bus",
    "GMB": "Green minibus operators",
}
COACH_OPERATOR = "Cross-boundary coach operators"


@dataclass(frozen=True)
class Anchor:
    """A stop at a control point, or at San Tin: every route stop within `radius_m` is this one."""

    stop_id: str
    names: tuple[str, str, str]
    lon: float
    lat: float
    radius_m: float
    street: bool
    hall: str = ""
    kind: str = "covered"
    note: str = ""


ANCHORS = (
    Anchor("bus-san-tin-pti", ("San Tin Public Transport Interchange", "新田公共運輸交匯處", "新田公共运输交汇处"), 114.08193, 22.50317, 150, True),
    Anchor("bus-lok-ma-chau-spur", ("Lok Ma Chau Station (bus)", "落馬洲站（巴士）", "落马洲站（巴士）"), 114.06663, 22.51516, 150, False, "lok-ma-chau-spur@hk"),
    Anchor("bus-lok-ma-chau-road", ("Lok Ma Chau Control Point (minibus)", "落馬洲管制站（小巴）", "落马洲管制站（小巴）"), 114.07497, 22.50806, 150, False, "huanggang@hk"),
    Anchor("bus-huanggang-hk", ("Lok Ma Chau Control Point (coach)", "落馬洲管制站（過境巴士）", "落马洲管制站（过境巴士）"), 114.07405, 22.50938, 0, False, "huanggang@hk", note="coaches and the Yellow Bus stop at the hall"),
    Anchor("bus-shenzhen-bay-port", ("Shenzhen Bay Port", "深圳灣口岸", "深圳湾口岸"), 113.94519, 22.50166, 200, False, "shenzhen-bay@hk", note="inside the port, on the Shenzhen side of the bay"),
    Anchor("bus-heung-yuen-wai-port", ("Heung Yuen Wai Port", "香園圍口岸", "香园围口岸"), 114.15387, 22.55206, 100, False, "heung-yuen-wai@hk"),
    Anchor("bus-tsung-yuen-ha", ("Tsung Yuen Ha (Liantang Port)", "松園下（蓮塘口岸）", "松园下（莲塘口岸）"), 114.15556, 22.55308, 60, True, "heung-yuen-wai@hk", "street", "terminus of 79K outside the port"),
    Anchor("bus-man-kam-to", ("Man Kam To (San Uk Ling)", "文錦渡（新屋嶺）", "文锦渡（新屋岭）"), 114.13175, 22.53464, 60, True, "man-kam-to@hk", "street", "road-man-kam-to"),
)  # fmt: skip
BY_NAME = {"shenzhen bay port": "bus-shenzhen-bay-port"}  # whatever its position
# operator, route, ids of green minibus routes, whether a night route
ROUTES = (
    ("CTB", "B3", (), False), ("CTB", "B3A", (), False), ("CTB", "B3X", (), False),
    ("NLB", "B2", (), False), ("NLB", "B2P", (), False), ("GMB", "618", (2007438,), False),
    ("CTB", "B7", (), False), ("CTB", "B8", (), False), ("KMB", "B9", (), False), ("KMB", "79K", (), False), ("GMB", "59S", (2009180,), False),
    ("KMB", "73K", (), False),
    ("KMB", "B1", (), False), ("GMB", "75", (2007398, 2007437), False),
    ("KMB", "276B", (), False), ("KMB", "76K", (), False), ("KMB", "N73", (), True),
    ("GMB", "44B", (2004164,), False), ("GMB", "44B1", (2004197,), False), ("GMB", "78", (2003702,), False),
    ("GMB", "79S", (2007630,), True), ("GMB", "N44B", (2004165,), True), ("GMB", "616S", (2004762,), True),
)  # fmt: skip


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


LAM_TIN = ("1326", ("Lam Tin Station (coach)", "藍田站（過境巴士）", "蓝田站（过境巴士）"))
ARRAN = ("12767", ("Arran Street, Mong Kok (coach)", "旺角鴉蘭街（過境巴士）", "旺角鸦兰街（过境巴士）"))
WAN_CHAI = ("10000110", ("Exhibition Centre Station (coach)", "會展站（過境巴士）", "会展站（过境巴士）"))
AUSTIN = ("12726", ("Austin Road (coach)", "柯士甸道（過境巴士）", "柯士甸道（过境巴士）"))
SAN_TIN = ("6690", ANCHORS[0].names)
KWUN_TONG_LINE = (
    "coach-kwun-tong-huanggang",
    ("Coach Kwun Tong - Huanggang", "過境巴士 觀塘－皇崗", "过境巴士 观塘－皇岗"),
)
MONG_KOK_LINE = (
    "coach-mong-kok-huanggang",
    ("Coach Mong Kok - Huanggang", "過境巴士 旺角－皇崗", "过境巴士 旺角－皇岗"),
)
WAN_CHAI_LINE = (
    "coach-wan-chai-huanggang",
    ("Coach Wan Chai - Huanggang", "過境巴士 灣仔－皇崗", "过境巴士 湾仔－皇岗"),
)
TSUEN_WAN_LINE = (
    "coach-tsuen-wan-huanggang",
    ("Coach Tsuen Wan - Huanggang", "過境巴士 荃灣－皇崗", "过境巴士 荃湾－皇岗"),
)
YAU_TSIM_LINE = (
    "coach-yau-tsim-huanggang",
    ("Coach Yau Tsim - Huanggang", "過境巴士 油尖－皇崗", "过境巴士 油尖－皇岗"),
)
YELLOW_LINE = ("yellow-bus", ("Yellow Bus San Tin - Huanggang", "皇巴士 新田－皇崗", "皇巴士 新田－皇岗"))
COACHES = (
    Coach(*YELLOW_LINE, "", ("1997-1",), ("1997-2",), *SAN_TIN),
    Coach(*YELLOW_LINE, "-night", ("1998-1",), ("1998-2",), *SAN_TIN),
    Coach(*KWUN_TONG_LINE, "", ("1970-1",), ("1970-2", "8726-1"), *LAM_TIN),
    Coach(*KWUN_TONG_LINE, "-night", ("1971-1",), ("1971-2", "8724-1", "8725-1"), *LAM_TIN),
    Coach(*MONG_KOK_LINE, "", ("1991-1",), ("1991-2",), *ARRAN),
    Coach(*MONG_KOK_LINE, "-night", ("8250-1",), ("8250-2",), *ARRAN),
    Coach(*WAN_CHAI_LINE, "", ("1993-1",), ("1993-2",), *WAN_CHAI),
    Coach(*WAN_CHAI_LINE, "-night", ("1994-1",), ("1994-2",), *WAN_CHAI),
    Coach(*TSUEN_WAN_LINE, "", ("1972-1",), ("1972-2", "8723-1"), "9639", ("Discovery Park, Tsuen Wan (coach)", "荃灣愉景新城（過境巴士）", "荃湾愉景新城（过境巴士）")),
    Coach(*TSUEN_WAN_LINE, "-night", ("1973-1", "8722-1"), ("1973-2", "8722-2"), "9629", ("Tsuen Wan Station (coach)", "荃灣站（過境巴士）", "荃湾站（过境巴士）")),
    Coach(*YAU_TSIM_LINE, "", ("8239-1",), ("8239-2",), *AUSTIN),
    Coach(*YAU_TSIM_LINE, "-night", ("1992-1",), ("1992-2",), *AUSTIN),
)  # fmt: skip
ASSUMPTIONS = (
    ("road-2024", "all", "bus", "all", "timetable", "", "", "tables of 2026-08 stand for 2024 too: no earlier ones are at hand; rows keep their letter, for they are exact for 2026", "M", "assumption"),
    ("road-59s", "Green minibus operators", "bus", "am_peak to pm_peak", "headway", "10", "min", "the open table says 3 min; the notice of 2023-02 says 20; 10 lies between and fits the 5 to 8 min of the same table's edges", "M", "assumption; td.gov.hk traffic notice 69675"),
    ("road-618", "Green minibus operators", "bus", "12:20 to 24:05", "headway and last departure", "", "", "the table back ends at 12:05 on working days; its own table of Sundays stands in from then on", "M", "assumption"),
    ("road-coach-hall", "Cross-boundary coach operators", "coach", "all", "run", "", "", "published minutes to Huanggang taken to the Hong Kong hall; the last kilometres and the shuttle are in the 30 min of clearance", "M", "assumption"),
    ("road-man-kam-to", "all", "bus", "07:00-22:00", "walk from San Uk Ling to the hall", "", "s", "73K ends some 430 m from the control point; whether all may walk the rest is not known, most cross in coaches", "M", "assumption"),
    ("road-run-share", "all", "bus", "all", "run between stops", "", "s", "published minutes end to end, the same all day, shared out by distance", "C", "assumption"),
    ("road-walk", "all", "bus", "all", "walking", "1.3 / 1.2", "s/m", "straight line x 1.3 at 1.2 m/s; at least 60 s between a stop and its hall; 150 s from the bus terminus to the platforms' concourse at Lok Ma Chau", "M", "assumption; F06"),
)  # fmt: skip
CODES = re.compile(r"\s*\((?:[A-Z]{1,3}\d+[A-Z]?|V\d+|No\.\s*\d+)\)", re.IGNORECASE)


# --- departures ------------------------------------------------------------------------------


def minute(text: str) -> float:
    """Minutes after midnight of HH:MM:SS, HH:MM or HHMM."""
    parts = text.split(":") if ":" in text else [text[:2], text[2:]]
    return 60 * int(parts[0]) + int(parts[1]) + (int(parts[2]) / 60 if len(parts) > 2 else 0)


@dataclass(frozen=True)
class Window:
    """Departures from `start` on, every `headway` minutes, before `end`; one alone where start and end are equal."""

    start: float
    end: float
    headway: float

    @classmethod
    def read(cls, text: str) -> Window:
        """From "05:35:00|07:05:00|900" or "0710"."""
        parts = text.split("|")
        if len(parts) < 3:
            return cls(minute(parts[0]), minute(parts[0]), 60)
        return cls(minute(parts[0]), minute(parts[1]), float(parts[2]) / 60)

    def departures(self) -> Iterator[float]:
        """Minutes after midnight."""
        yield self.start
        n = 1
        while self.start + n * self.headway < self.end - 1e-6:
            yield self.start + n * self.headway
            n += 1


def departures(windows: Iterable[Window], night: bool) -> list[float]:
    """Departures in the order of the service day; a night route's small hours come after its evening."""
    times = {round(t, 2) for w in windows for t in w.departures()}
    return sorted(t + 1440 if night and t < 720 else t for t in times)


def period_of(t: float) -> str:
    """The period of a departure; the service day starts at 05:00."""
    clock = t % 1440
    clock = clock + 1440 if clock < 300 else clock
    return next(name for name, (a, b) in PERIODS.items() if a <= clock < b)


def headways(times: Sequence[float]) -> dict[str, int]:
    """Mean seconds since the departure before, over the departures of each period."""
    gaps: dict[str, list[float]] = {}
    for before, t in pairwise(times):
        gaps.setdefault(period_of(t), []).append(t - before)
    first = period_of(times[0])
    gaps.setdefault(first, [times[1] - times[0]])
    return {name: round(60 * sum(g) / len(g)) for name, g in gaps.items()}


def clock(t: float) -> str:
    """HH:MM of a departure."""
    return f"{int(t) // 60:02d}:{int(t) % 60:02d}"


# --- stops -----------------------------------------------------------------------------------


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Distance of two places (lon, lat), measured in EPSG:4547."""
    x, y = project_xy([a[0], b[0]], [a[1], b[1]])
    return math.hypot(float(x[0] - x[1]), float(y[0] - y[1]))


@dataclass
class Stop:
    """A station of the road tables."""

    stop_id: str
    names: tuple[str, str, str]
    lon: float
    lat: float
    street: bool
    check: tuple[str, str] = ("", "")  # checked against, distance


@dataclass
class Tables:
    """The rows of the road slice, and what is needed to fill them."""

    rail: list[tuple[str, str, float, float]]  # id, system, lon, lat
    second: dict[str, list[tuple[float, float]]]  # the Transport Department's stops by operator
    stops: dict[str, Stop] = field(default_factory=dict)
    lines: dict[str, tuple] = field(default_factory=dict)
    patterns: list[tuple] = field(default_factory=list)
    calls: list[tuple] = field(default_factory=list)
    headways: list[tuple] = field(default_factory=list)
    hours: list[tuple] = field(default_factory=list)


def cleaned(names: Iterable[str]) -> tuple[str, str, str]:
    """Names without stop codes; an English name loses an untranslated landmark."""
    en, hant, hans = (re.sub(r"\s+", " ", CODES.sub("", n)).strip(" ,") for n in names)
    en = en.replace("Tin Shiu Wai", "Tin Shui Wai")
    if not en.isascii():
        en = re.split(r",? near ", en)[0]
        en = re.sub(r"[^\x00-\x7f]+", " ", en).strip(" ,-")
    half = en.split(", ")
    en = half[0] if len(set(half)) == 1 else en
    zh = [", ".join(dict.fromkeys(re.split(r",\s*", z))) for z in (hant, hans)]
    return en[:1].upper() + en[1:], zh[0], zh[1]


def slug(text: str) -> str:
    """A station id from an English name."""
    plain = re.sub(r"\(.*?\)|,.*$", "", text).replace("'", "")
    return "bus-" + re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def anchor_of(names: tuple[str, str, str], at: tuple[float, float]) -> Anchor | None:
    """The control point stop that a route stop is, if any."""
    named = BY_NAME.get(names[0].lower())
    for anchor in ANCHORS:
        if anchor.stop_id == named or metres((anchor.lon, anchor.lat), at) <= anchor.radius_m:
            return anchor
    return None


def anchor_stop(tables: Tables, anchor: Anchor) -> str:
    """The station of an anchor, made when first used."""
    tables.stops.setdefault(
        anchor.stop_id, Stop(anchor.stop_id, anchor.names, anchor.lon, anchor.lat, anchor.street)
    )
    return anchor.stop_id


def station_of(tables: Tables, names: tuple[str, str, str], at: tuple[float, float], operator: str) -> str:
    """The station of a route stop: an anchor, one within 150 m, or a new one."""
    anchor = anchor_of(names, at)
    if anchor:
        return anchor_stop(tables, anchor)
    near = [(metres((s.lon, s.lat), at), s.stop_id) for s in tables.stops.values() if s.street]
    if near and min(near)[0] <= SAME_STOP_M:
        return min(near)[1]
    base, n = slug(names[0]), 2
    stop_id = base
    while stop_id in tables.stops:
        stop_id, n = f"{base}-{n}", n + 1
    check = min((metres(p, at) for p in tables.second.get(operator, [])), default=None)
    checked = ("", "") if check is None else ("Transport Department stop", str(round(check)))
    tables.stops[stop_id] = Stop(stop_id, names, *at, True, checked)
    return stop_id


def thinned(
    names: Sequence[tuple[str, str, str]],
    points: Sequence[tuple[float, float]],
    rail: Iterable[tuple[str, str, float, float]],
) -> list[int]:
    """Which stops of a route are kept."""
    keep = {0, len(points) - 1}
    keep |= {i for i, p in enumerate(points) if anchor_of(names[i], p)}
    light = []
    for _, system, lon, lat in rail:
        gap, i = min((metres(p, (lon, lat)), i) for i, p in enumerate(points))
        if gap <= NEAR_RAIL_M:
            if system == "metro":
                keep.add(i)
            else:
                light.append((round(gap), i))
    for _, i in sorted(light):
        if min(metres(points[i], points[k]) for k in keep) >= NEAR_LIGHT_RAIL_M:
            keep.add(i)
    last = 0
    for i in range(1, len(points) - 1):
        ahead = min(k for k in keep if k > last)
        if i >= ahead:
            last = i if i in keep else ahead
        elif (
            metres(points[last], points[i]) >= SPACING_M and metres(points[i], points[ahead]) >= SPACING_M / 2
        ):
            keep.add(i)
            last = i
    return sorted(keep)


# --- reading ---------------------------------------------------------------------------------


def read_json(folder: Path, name: str) -> list[dict]:
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def rail_stations(network: Path) -> list[tuple[str, str, float, float]]:
    """Stations of Hong Kong that can be reached from the street."""
    with (network / "stations_hk.csv").open(encoding="utf-8") as stream:
        return [
            (r["station_id"], r["system"], float(r["lon"]), float(r["lat"]))
            for r in csv.DictReader(stream)
            if r["street_access"] == "1"
            and r["system"] in {"metro", "light_rail"}
            and r["status"] == "existing"
        ]


def second_positions(folder: Path) -> dict[str, list[tuple[float, float]]]:
    """The Transport Department's own stops by operator; it does not name green minibuses."""
    found: dict[str, list[tuple[float, float]]] = {}
    with (folder / "td_gtfs_part" / "stops.txt").open(encoding="utf-8-sig") as stream:
        for row in csv.DictReader(stream):
            at = (float(row["stop_lon"]), float(row["stop_lat"]))
            tags = [op for op in ("KMB", "CTB", "NLB") if op in row["stop_name"]]
            for operator in tags or ["GMB"]:
                if 113.9 < at[0] < 114.26 and 22.25 < at[1] < 22.57:
                    found.setdefault(operator, []).append(at)
    return found


def windows_of(route: dict, day: int = WEDNESDAY) -> list[Window]:
    """Departure windows of a day of the week."""
    freq = route.get("freq") or []
    parts = [part for part in (freq if isinstance(freq, list) else [freq]) if part]
    texts = {text for part in parts for mask, listed in part.items() if int(mask) & day for text in listed}
    return [Window.read(text) for text in sorted(texts)]


def variants(folder: Path, operator: str, route: str, ids: tuple[int, ...]) -> Iterator[tuple[str, dict]]:
    """(suffix, route): both ways, the fullest variant first, others with enough departures after it."""
    seen: Counter[str] = Counter()
    timetables: set[str] = set()
    candidates = [
        r
        for r in read_json(folder, f"{operator}_Route")
        if r["route"] == route and (r["routeId"] in ids if operator == "GMB" else True)
    ]
    counted = [(len(departures(windows_of(r), False)), r) for r in candidates]
    ways = list(dict.fromkeys(way_of(r) for r in candidates))
    for count, r in sorted(counted, key=lambda item: (-item[0], -len(item[1]["stops"]))):
        timetable = str(r.get("gtfsRouteKey") or (r.get("routeId"), r.get("routeSeq")))
        if count < MIN_DEPARTURES or not r.get("journeyTime") or timetable in timetables:
            continue
        timetables.add(timetable)
        way = way_of(r)
        seen[way] += 1
        yield f"{ways.index(way) + 1}{'' if seen[way] == 1 else chr(96 + seen[way])}", r


def way_of(route: dict) -> str:
    return str(route.get("bound") or route.get("routeSeq") or route["dest_en"])


def mended(route: dict, back_after: float) -> tuple[list[Window], str, set[str], bool]:
    """Windows with known faults mended; the assumption used, the periods it touches, whether the hours too."""
    windows = windows_of(route)
    if route["route"] == "59S":
        short = [w for w in windows if w.headway <= 3 and w.end > w.start]
        touched = {period_of(t) for w in short for t in w.departures()}
        return [Window(w.start, w.end, 10) if w in short else w for w in windows], "road-59s", touched, False
    if route["route"] == "618" and max(w.end for w in windows) <= back_after:
        end = max(w.end for w in windows)
        sunday = [
            Window(max(w.start, end), w.end, w.headway) for w in windows_of(route, SUNDAY) if w.end > end
        ]
        touched = {period_of(t) for w in sunday for t in w.departures()}
        return windows + sunday, "road-618", touched, True
    return windows, "", set(), False


# --- filling the tables ----------------------------------------------------------------------


def add_service(
    tables: Tables, pattern_id: str, times: Sequence[float], assumption: str, touched: set[str], hours: bool
) -> None:
    """Headway and hour rows of one pattern; `touched` periods, and the hours if so said, are assumed."""

    def tail(assumed: bool) -> tuple:
        return (1, assumption, "M", "assumption") if assumed else (0, "", "A", SOURCE)

    for period, seconds in headways(times).items():
        tables.headways.append((pattern_id, period, seconds, *tail(period in touched)))
    tables.hours.append((pattern_id, "forward", clock(times[0]), clock(times[-1]), *tail(hours)))


def add_route(
    tables: Tables, folder: Path, operator: str, route: str, ids: tuple[int, ...], night: bool
) -> Iterator[str]:
    """Add a bus or minibus route; yields lines of the report."""
    mini = operator == "GMB"
    line_id = f"{'minibus' if mini else 'bus'}-{route.lower()}"
    hant, hans = ("專綫小巴", "专线小巴") if mini else ("巴士", "巴士")
    names = (f"{'Minibus' if mini else 'Bus'} {route}", f"{hant}{route}號", f"{hans}{route}号")
    tables.lines[line_id] = (line_id, *names, "bus", OPERATOR[operator], "existing", "", "", "A", SOURCE)
    stops = {s["stop"]: s for s in read_json(folder, f"{operator}_Stop")}
    for suffix, r in sorted(variants(folder, operator, route, ids), key=lambda item: item[0]):
        pattern_id = f"{line_id}-{suffix}"
        windows, assumption, touched, hours = mended(r, 13 * 60)
        times = departures(windows, night)
        listed = [stops[s] for s in r["stops"] if s in stops]
        kept, minutes = add_calls(tables, pattern_id, operator, r, listed)
        note = f"{r['orig_en'].strip()} to {r['dest_en'].strip()}, working days"
        tables.patterns.append((pattern_id, line_id, "forward", "", note))
        add_service(tables, pattern_id, times, assumption, touched, hours)
        share = [t for t in times if 600 <= t < 960]
        mid = f", 10-16h every {360 / len(share):.1f}" if share else ""
        yield (
            f"{pattern_id}: {kept} of {len(listed)} stops, {minutes:g} min, {len(times)} departures "
            f"{clock(times[0])}-{clock(times[-1])}{mid}{', ' + assumption if assumption else ''}"
        )


def add_calls(
    tables: Tables, pattern_id: str, operator: str, route: dict, stops: Sequence[dict]
) -> tuple[int, float]:
    """The calls of one direction; returns how many and the minutes end to end."""
    points = [(float(s["long"]), float(s["lat"])) for s in stops]
    names = [cleaned((s["name_en"], s["name_tc"], s.get("name_sc") or s["name_tc"])) for s in stops]
    along = [0.0]
    for a, b in pairwise(points):
        along.append(along[-1] + metres(a, b))
    calls: list[tuple[str, int]] = []
    for i in thinned(names, points, tables.rail):
        station = station_of(tables, names[i], points[i], operator)
        if calls and calls[-1][0] == station:
            if i == len(points) - 1:
                calls[-1] = (station, i)
            continue
        calls.append((station, i))
    minutes = float(str(route["journeyTime"]).split("|")[0])
    marks = [round(60 * minutes * along[i] / along[-1]) for _, i in calls]
    marks[0], marks[-1] = 0, round(60 * minutes)
    for k, (station, i) in enumerate(calls):
        last = k == len(calls) - 1
        tables.calls.append(
            (
                pattern_id,
                k + 1,
                station,
                "" if last else marks[k + 1] - marks[k],
                0,
                "" if last else round(along[calls[k + 1][1]] - along[i]),
                "",
                "existing",
                "C",
                f"{SOURCE}: {minutes:g} min end to end, shared out by distance (road-run-share)",
            )
        )
    return len(calls), minutes


def coach_windows(folder: Path) -> dict[str, list[Window]]:
    """Departure windows of a Wednesday by route and way."""
    windows: dict[str, list[Window]] = {}
    with (folder / "td_gtfs_part" / "frequencies.txt").open(encoding="utf-8-sig") as stream:
        for row in csv.DictReader(stream):
            route, way, day, _ = row["trip_id"].split("-")
            if int(day) & WEDNESDAY:
                window = Window(
                    minute(row["start_time"]), minute(row["end_time"]), float(row["headway_secs"]) / 60
                )
                windows.setdefault(f"{route}-{way}", []).append(window)
    return windows


def coach_minutes(folder: Path) -> dict[str, float]:
    """Published minutes by route and way."""
    pattern = re.compile(r"^\('(\d+)', '(\d)'\)\|XB\|.*journeyTime: (\d+)")
    text = (folder / "GeoJSON_BUS.txt").read_text(encoding="utf-8")
    return {f"{m[1]}-{m[2]}": float(m[3]) for line in text.splitlines() if (m := pattern.match(line))}


def add_coaches(tables: Tables, folder: Path) -> Iterator[str]:
    """Cross-boundary coaches and the Yellow Bus; yields lines of the report."""
    windows, minutes = coach_windows(folder), coach_minutes(folder)
    with (folder / "td_gtfs_part" / "stops.txt").open(encoding="utf-8-sig") as stream:
        position = {
            r["stop_id"]: (float(r["stop_lon"]), float(r["stop_lat"])) for r in csv.DictReader(stream)
        }
    hall = next(a for a in ANCHORS if a.stop_id == "bus-huanggang-hk")
    for coach in COACHES:
        shuttle = coach.line_id == "yellow-bus"
        town = station_of(tables, coach.stop_names, position[coach.stop], "")
        tables.stops[town].street = True
        port = anchor_stop(tables, hall)
        tables.lines[coach.line_id] = (
            coach.line_id, *coach.names, "shuttle" if shuttle else "coach", COACH_OPERATOR, "existing", "", "", "A", SOURCE,
        )  # fmt: skip
        for way, keys, a, b in ((1, coach.out, town, port), (2, coach.back, port, town)):
            pattern_id = f"{coach.line_id}{coach.suffix}-{way}"
            times = departures([w for k in keys for w in windows[k]], night=bool(coach.suffix))
            run = round(60 * minutes[keys[0]])
            source = f"{SOURCE}: {minutes[keys[0]]:g} min to Huanggang (road-coach-hall)"
            apart = round(metres(*((tables.stops[s].lon, tables.stops[s].lat) for s in (a, b))))
            tables.calls.append((pattern_id, 1, a, run, 0, apart, "", "existing", "B", source))
            tables.calls.append((pattern_id, 2, b, "", 0, "", "", "existing", "B", source))
            note = f"routes {', '.join(k.split('-')[0] for k in keys)}, working days; calls between the ends left out"
            tables.patterns.append((pattern_id, coach.line_id, "forward", "", note))
            add_service(tables, pattern_id, times, "", set(), False)
            yield (
                f"{pattern_id}: {run / 60:g} min, {len(times)} departures {clock(times[0])}-{clock(times[-1])}"
            )


def interchanges(tables: Tables, network: Path) -> list[tuple]:
    """Walks from stops to the halls they serve and to rail stations within 300 m."""
    with (network / "checkpoints.csv").open(encoding="utf-8") as stream:
        halls = {
            f"{r['checkpoint_id']}@hk": (float(r["south_lon"]), float(r["south_lat"]))
            for r in csv.DictReader(stream)
        }
    rows = []
    for anchor in ANCHORS:
        if not anchor.hall or anchor.stop_id not in tables.stops:
            continue
        length = metres((anchor.lon, anchor.lat), halls[anchor.hall])
        walk = max(60, round(length * WALK_DETOUR / WALK_M_S))
        rows.append(
            (
                anchor.stop_id,
                anchor.hall,
                walk,
                round(length * WALK_DETOUR),
                anchor.kind,
                1,
                "M",
                "road-walk",
                anchor.note,
            )
        )
    rows.append(("bus-lok-ma-chau-spur", "lok-ma-chau", 150, "", "covered", 1, "M", "road-walk", "bus terminus beside the station"))  # fmt: skip
    for stop in tables.stops.values():
        if not stop.street:
            continue
        for station_id, _, lon, lat in tables.rail:
            length = metres((stop.lon, stop.lat), (lon, lat))
            if length <= NEAR_RAIL_M:
                walk = round(length * WALK_DETOUR / WALK_M_S)
                rows.append((stop.stop_id, station_id, walk, round(length * WALK_DETOUR), "street", 1, "M", "road-walk", "street to street"))  # fmt: skip
    return sorted(rows)


def write(path: Path, header: str, rows: Iterable[tuple]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(header.split(","))
        out.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sources", type=Path, required=True, help="folder of the reference data")
    folder = parser.parse_args().sources / "hk_bus_headways"
    network = Path(__file__).resolve().parents[1] / "network"
    tables = Tables(rail_stations(network), second_positions(folder))
    for text in add_coaches(tables, folder):
        print(text)
    for operator, route, ids, night in ROUTES:
        for text in add_route(tables, folder, operator, route, ids, night):
            print(text)
    anchors = {a.stop_id for a in ANCHORS}
    stations = [
        (
            s.stop_id, *s.names, f"{s.lon:.5f}", f"{s.lat:.5f}", "hk", "road", "existing", "", int(s.street),
            100 if s.stop_id in anchors else max(50, int(s.check[1] or 0)),
            "middle of the routes' stops" if s.stop_id in anchors else "stop of the first route",
            *s.check, "B" if s.stop_id in anchors else "A", SOURCE,
        )
        for s in sorted(tables.stops.values(), key=lambda s: s.stop_id)
    ]  # fmt: skip
    write(
        network / "stations_road.csv",
        "station_id,name_en,name_zh_hant,name_zh_hans,lon,lat,region,system,status,opened,street_access,accuracy_m,position_source,checked_against,check_distance_m,confidence,source",
        stations,
    )
    write(
        network / "lines_road.csv",
        "line_id,name_en,name_zh_hant,name_zh_hans,mode,operator,status,colour,opened,confidence,source",
        sorted(tables.lines.values()),
    )
    write(
        network / "patterns_road.csv", "pattern_id,line_id,direction,clearance,note", sorted(tables.patterns)
    )
    write(
        network / "pattern_stops_road.csv",
        "pattern_id,seq,station_id,run_s,dwell_s,length_m,opened,status,confidence,source",
        sorted(tables.calls, key=lambda c: (c[0], c[1])),
    )
    order = list(PERIODS)
    write(
        network / "headways_road.csv",
        "pattern_id,period,headway_s,assumed,assumption_id,confidence,source",
        sorted(tables.headways, key=lambda h: (h[0], order.index(h[1]))),
    )
    write(
        network / "hours_road.csv",
        "pattern_id,direction,first,last,assumed,assumption_id,confidence,source",
        sorted(tables.hours),
    )
    walks = interchanges(tables, network)
    write(
        network / "interchanges_road.csv",
        "from_station,to_station,walk_s,length_m,kind,assumed,confidence,source,note",
        walks,
    )
    write(
        network / "service_assumptions_road.csv",
        "assumption_id,operator,mode,period,quantity,value,unit,reason,confidence,source",
        ASSUMPTIONS,
    )
    checks = sorted(int(s.check[1]) for s in tables.stops.values() if s.check[1])
    print(
        f"{len(tables.stops)} stops, {len(tables.lines)} lines, {len(tables.patterns)} patterns, "
        f"{len(tables.calls)} calls, {len(walks)} walks; second position: median {checks[len(checks) // 2]} m, largest {checks[-1]} m"
    )


if __name__ == "__main__":
    main()
