"""Build the Hong Kong rail tables (layers/network/*_hk.csv) from the reference data folder.

    python layers/build/hk_rail.py --sources DIR

Inputs (below DIR):
    hk_mtr_opendata/                order and names of lines, stations, Light Rail routes and stops (MTR open data)
    hk_mtr_exits/                   positions of station exits (open data)
    hk_rail_ferry_waypoints/        official geometry of the lines (CSDI)
    hk_mtr_runtimes_harrywang/      seconds of run and dwell of every link (computed), weekday ranges of headways
    hk_journey_times/               observed seconds between stations: for checking, and for long links that no published
                                    run holds
    hk_light_rail_stops/            positions of Light Rail stops
    hk_lightrail_schedule/          first and last trams at each stop
    xrl_gtfs_qgmzmy/gtfs/           timetable of the Hong Kong operator's express trains
    shenzhen_metro/                 express rail stations (OpenStreetMap), daily trains of both operators (12306)
    nodes_approx.csv                approximate positions, to check and to split runs at future stations
Public facts that the folder lacks (opening dates, first and last trains, walking times) stand in the tables
below, each with its origin.

Method
    Positions: mean of a station's exits; two stations without exits (Lai King, Lai Chi Kok) and the two at the
    boundary take the second source. Every position is checked against another source; the distance is kept
    and accuracy_m is never below it. Station middles, not platforms.
    Lengths: along the official line between the nearest points to the stations.
    MTR run times: of the source, one set for both directions; the filler run of the last station of each branch is
    not counted. The source computes them from length, one top speed a line and one acceleration: right on short links,
    slow on long ones. Two corrections, both rows of the assumptions table and never silent:
      East Rail dwell. The source has a constant 30 s, not a measurement: Admiralty-Lo Wu then is 41.6 min. The
      Transport Department says about 45, the press 17 min Tai Wai-Admiralty (14.6 with 30 s). 40 s give 43.6 min
      (46.3 to Lok Ma Chau, about 50 published): the middle between the source and publication.
      Links of 4 km and more, by the rule and the evidence of rail_evidence.py: fitted to published runs, else the observed
      mean of both directions, else as the source has them. The source of a row says which.
    Light Rail: seconds of each link give the shape; they are scaled, route by route, to the minutes of the
    first and last trams between first and last listed stop. Unmatched links go by length and mean speed.
    Express rail: run times of the timetable; trains a day of both operators, those of the Mainland operator spread
    evenly over the day (assumption).
    Headways: weekday ranges, the middle. Where patterns share a trunk, the branches take their middles and the trunk
    is their sum of frequencies; if that leaves the published range of the trunk, both are scaled to its bound.
    Where a range is of the trunk and of the branch, the short working is the difference of frequencies.
    Early, evening and late headways, and first and last trains of the MTR, are assumptions; each row names its row
    of service_assumptions_hk.csv.
    Future stops stand in their patterns; today's run is split by distance.

Checks printed: counts, distances to the second source and to the official line, run times against observed ones and
published totals, trunk headways.

Licence: own compilation, CC BY 4.0; contains data of DATA.GOV.HK (attribution: MTR Corporation, CSDI, Transport
Department) and OpenStreetMap, ODbL 1.0 (© OpenStreetMap contributors).
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import re
import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
from rail_evidence import LONG_LINK_M, RUNS, TOP_KMH, Run
from shapely.geometry import LineString, Point, shape

from corridor.core.crs import project, project_xy

OUT = Path(__file__).resolve().parents[1] / "network"
WALK_M_S = 1.2
DETOUR = 1.3
LEVELS_S = 60.0
PERIODS = ("early", "am_peak", "midday", "pm_peak", "evening", "late", "night")
PERIOD_H = {
    "early": (5, 7.5),
    "am_peak": (7.5, 9.5),
    "midday": (9.5, 17),
    "pm_peak": (17, 19.5),
    "evening": (19.5, 22),
    "late": (22, 25.5),
}

# --- names ------------------------------------------------------------------------------
HANT = "頭長灣恆觀學奧運頌愛東鐵綫橋黃豐烏啟島聖門馬龍鳳樂環濕園營盤硤鰂魚銀圍羅廣會調嶺寶機場藍顯徑銅鑼車廟興輕醫臺鐘鍾邊紅錦悅碼澤雲覽館堅鑽廠鳴榮窩將軍"
HANS = "头长湾恒观学奥运颂爱东铁线桥黄丰乌启岛圣门马龙凤乐环湿园营盘硖鲗鱼银围罗广会调岭宝机场蓝显径铜锣车庙兴轻医台钟钟边红锦悦码泽云览馆坚钻厂鸣荣窝将军"
TO_HANS = str.maketrans(HANT + "涌", HANS + "涌")
VARIANT = {"茘景": "荔景", "茘枝角": "荔枝角"}  # a rare form of the character in the list of stations
RUN_NAMES = {
    "Kuai Fong": "Kwai Fong",
    "Kuai Hing": "Kwai Hing",
    "New Station": "LOHAS Park",
}  # slips of the run times

# line_id: code in open data, English, traditional Chinese, colour, opened, name in the run times
LINES = {
    "airport-express": ("AEL", "Airport Express", "機場快綫", "#00888a", "1998-07-06", "Airport Express"),
    "disneyland-resort": (
        "DRL",
        "Disneyland Resort Line",
        "迪士尼綫",
        "#f173ac",
        "2005-08-01",
        "Disneyland Resort Line",
    ),
    "east-rail": ("EAL", "East Rail Line", "東鐵綫", "#53b7e8", "1910-10-01", "East Rail Line"),
    "island": ("ISL", "Island Line", "港島綫", "#0860a8", "1985-05-31", "Island Line"),
    "kwun-tong": ("KTL", "Kwun Tong Line", "觀塘綫", "#00ab4e", "1979-10-01", "Kwun Tong Line"),
    "south-island": ("SIL", "South Island Line", "南港島綫", "#bac429", "2016-12-28", "South Island Line"),
    "tseung-kwan-o": ("TKL", "Tseung Kwan O Line", "將軍澳綫", "#7d499d", "2002-08-18", "Tseung Kwan O line"),
    "tsuen-wan": ("TWL", "Tsuen Wan Line", "荃灣綫", "#ed1d24", "1982-05-10", "Tsuen Wan Line"),
    "tuen-ma": ("TML", "Tuen Ma Line", "屯馬綫", "#923011", "2003-12-20", "Tuen Ma Line"),
    "tung-chung": ("TCL", "Tung Chung Line", "東涌綫", "#f7943e", "1998-06-22", "Tung Chung Line"),
}
LR_ROUTES = ("505", "507", "610", "614", "614P", "615", "615P", "705", "706", "751", "761P")
LR_COLOUR = "#d3a809"
WAYPOINTS = {code: f"{code.lower()}.json" for code, *_ in LINES.values()}

# opening dates of stations (line histories; older ones left empty)
OPENED = {
    "kennedy-town": "2014-12-28",
    "hku": "2014-12-28",
    "sai-ying-pun": "2015-03-29",
    "whampoa": "2016-10-23",
    "ho-man-tin": "2016-10-23",
    "ocean-park": "2016-12-28",
    "wong-chuk-hang": "2016-12-28",
    "lei-tung": "2016-12-28",
    "south-horizons": "2016-12-28",
    "hin-keng": "2020-02-14",
    "kai-tak": "2020-02-14",
    "sung-wong-toi": "2021-06-27",
    "to-kwa-wan": "2021-06-27",
    "exhibition-centre": "2022-05-15",
    "lok-ma-chau": "2007-08-15",
    "west-kowloon": "2018-09-23",
    "hsr-futian": "2015-12-30",
    "hsr-shenzhen-north": "2011-12-26",
    "lohas-park": "2009-07-26",
    "austin": "2009-08-16",
}
# dates from which a line serves a stop, where later than the line
SERVED_FROM = {
    ("east-rail", "exhibition-centre"): "2022-05-15",
    ("east-rail", "admiralty"): "2022-05-15",
    ("tuen-ma", "hin-keng"): "2020-02-14",
    ("tuen-ma", "diamond-hill"): "2020-02-14",
    ("tuen-ma", "kai-tak"): "2020-02-14",
    ("tuen-ma", "sung-wong-toi"): "2021-06-27",
    ("tuen-ma", "to-kwa-wan"): "2021-06-27",
    ("tuen-ma", "ho-man-tin"): "2021-06-27",
    ("kwun-tong", "ho-man-tin"): "2016-10-23",
    ("kwun-tong", "whampoa"): "2016-10-23",
    ("island", "sai-ying-pun"): "2015-03-29",
    ("island", "hku"): "2014-12-28",
    ("island", "kennedy-town"): "2014-12-28",
}
# stops of the future inside today's patterns: (line, after, before): [(station, opened, status, source)]
FUTURE = {
    ("east-rail", "sheung-shui", "lok-ma-chau"): [("kwu-tung", "2027", "construction", "C05")],
    ("tuen-ma", "tin-shui-wai", "siu-hong"): [("hung-shui-kiu", "2030", "construction", "W20")],
    ("tung-chung", "sunny-bay", "tung-chung"): [
        ("oyster-bay", "2030", "construction", "W22; press (2029 to 2030)"),
        ("tung-chung-east", "2029", "construction", "W22"),
    ],
}
# beyond today's terminus: (station, run from the one before s, length m, opened, status, source)
EXTENSION = {
    "tuen-ma": [
        ("tuen-mun-area-16", 0.5, "2030", "construction", "W18"),
        ("tuen-mun-south", 0.5, "2030", "construction", "W18"),
    ],
    "tung-chung": [("tung-chung-west", 1.0, "2029", "construction", "W22")],
}
EXTENSION_TOTAL = {
    "tuen-ma": (240.0, 2400.0, "hk-extension-run"),
    "tung-chung": (110.0, 1300.0, "hk-extension-run"),
}
# where future stations lie, only to split runs (hobby map of future lines and approximate positions)
FUTURE_LONLAT = {
    "kwu-tung": (114.10482, 22.50965),
    "hung-shui-kiu": (113.98661, 22.42808),
    "tuen-mun-area-16": (113.96965, 22.38434),
    "tuen-mun-south": (113.96590, 22.37460),
    "oyster-bay": (113.9790, 22.3075),
    "tung-chung-east": (113.9600, 22.2995),
}
DWELL_S = {"east-rail": 40}
DWELL_FUTURE_S = 30

# --- service ----------------------------------------------------------------------------
FREQUENCY_FILE = "MTR Frequencies - Sheet1.csv"
FREQ_SOURCE = "MTR train frequencies, weekdays (collected 2026)"
# first and last departures, forward and backward. Assumptions, whole lines rounded to five minutes: the operator's
# service ends just before 1 am (press 2019) and runs from about 6 to about 1 (travel guides).
HOURS = {
    "airport-express": ("05:50", "24:45", "05:55", "24:45"),
    "disneyland-resort": ("06:15", "24:40", "06:20", "24:45"),
    "island": ("05:55", "24:35", "05:55", "24:35"),
    "kwun-tong-whampoa": ("06:05", "24:50", "05:55", "24:20"),
    "kwun-tong-ho-man-tin": ("07:30", "19:30", "07:30", "19:30"),
    "south-island": ("05:55", "24:50", "05:55", "24:30"),
    "tseung-kwan-o-po-lam": ("06:05", "24:55", "05:55", "24:25"),
    "tseung-kwan-o-lohas-park": ("07:30", "19:30", "07:30", "19:30"),
    "tseung-kwan-o-lohas-park-shuttle": ("06:05", "24:45", "05:55", "24:35"),
    "tsuen-wan": ("06:00", "24:55", "05:55", "24:25"),
    "tuen-ma": ("05:45", "24:15", "05:50", "24:15"),
    "tung-chung": ("06:00", "24:45", "05:55", "24:15"),
    "tung-chung-tsing-yi": ("07:30", "19:30", "07:30", "19:30"),
    "east-rail-lo-wu": ("05:35", "23:08", "05:36", "24:30"),
    "east-rail-lok-ma-chau": ("05:45", "21:38", "06:35", "22:50"),
    "east-rail-sheung-shui": ("23:12", "24:40", "", ""),
}
HOURS_ASSUMPTION = {
    "east-rail-lo-wu": "mtr-hours-lo-wu",
    "east-rail-lok-ma-chau": "mtr-hours-lok-ma-chau",
    "east-rail-sheung-shui": "mtr-hours-sheung-shui",
    "kwun-tong-ho-man-tin": "mtr-hours-peak-only",
    "tseung-kwan-o-lohas-park": "mtr-hours-peak-only",
    "tung-chung-tsing-yi": "mtr-hours-peak-only",
}
EARLY, EVENING, LATE = 1.0, 1.0, 1.25  # headway as a multiple of the weekday off-peak middle
LMC_EVENING_S = 660

ASSUMPTIONS = [
    # id, operator, mode, period, quantity, value, unit, reason, confidence, source
    (
        "hk-detour",
        "all",
        "all",
        "all",
        "detour factor",
        1.3,
        "",
        "passages and streets against the straight line",
        "M",
        "assumption",
    ),
    (
        "hk-levels",
        "all",
        "all",
        "all",
        "time for levels and gates of an interchange",
        60,
        "s",
        "added to the walk between two stations",
        "M",
        "assumption",
    ),
    ("hk-walk", "all", "all", "all", "walking speed", 1.2, "m/s", "modelling convention", "M", "F06"),
    (
        "hk-change-cross-platform",
        "MTR",
        "metro",
        "all",
        "walk between platforms",
        120,
        "s",
        "across the platform in one direction, by a level in the other; also the mean for those who come from the street",
        "M",
        "assumption",
    ),
    (
        "hk-change-long",
        "MTR",
        "metro",
        "all",
        "walk between platforms",
        240,
        "s",
        "long passages or deep platforms between lines",
        "M",
        "assumption",
    ),
    (
        "hk-hall-walk",
        "MTR",
        "metro",
        "all",
        "station concourse to the control point's hall",
        120,
        "s",
        "hall adjoins the concourse",
        "M",
        "assumption",
    ),
    (
        "hk-extension-run",
        "MTR",
        "metro",
        "all",
        "run of the extensions",
        "240 and 110",
        "s",
        "Tuen Mun-Tuen Mun South: less than 5 min published for 2.4 km, dwell included (W18); Tung Chung-Tung Chung West: 1.3 km (W22) at 43 km/h",
        "M",
        "W18 W22",
    ),
    (
        "lrt-dwell",
        "MTR",
        "light_rail",
        "all",
        "dwell",
        30,
        "s",
        "constant of the source of run times, inside the totals of the schedule",
        "M",
        "assumption",
    ),
    (
        "lrt-evening",
        "MTR",
        "light_rail",
        "evening",
        "headway / weekday off-peak middle",
        EVENING,
        "ratio",
        "no published evening headway",
        "M",
        "assumption",
    ),
    (
        "lrt-early",
        "MTR",
        "light_rail",
        "early",
        "headway / weekday off-peak middle",
        EARLY,
        "ratio",
        "no published early headway",
        "M",
        "assumption",
    ),
    (
        "lrt-late",
        "MTR",
        "light_rail",
        "late",
        "headway / weekday off-peak middle",
        LATE,
        "ratio",
        "no published late headway",
        "M",
        "assumption",
    ),
    (
        "mtr-dwell-east-rail",
        "MTR",
        "metro",
        "all",
        "dwell",
        40,
        "s",
        "30 s is a constant of the source; Admiralty-Lo Wu 41.6 min with it against about 45 published (Transport Department), 43.6 with 40 s; observed averages of both directions give 42.3 min",
        "M",
        "C09; Transport Department (about 45 min)",
    ),
    (
        "mtr-early",
        "MTR",
        "metro",
        "early",
        "headway / weekday off-peak middle",
        EARLY,
        "ratio",
        "no published early headway",
        "M",
        "assumption",
    ),
    (
        "mtr-evening",
        "MTR",
        "metro",
        "evening",
        "headway / weekday off-peak middle",
        EVENING,
        "ratio",
        "no published evening headway",
        "M",
        "assumption",
    ),
    (
        "mtr-late",
        "MTR",
        "metro",
        "late",
        "headway / weekday off-peak middle",
        LATE,
        "ratio",
        "no published late headway; all-night service before holidays is 5 to 15 min after midnight (press)",
        "M",
        "assumption",
    ),
    (
        "mtr-late-airport-express",
        "MTR",
        "metro",
        "late",
        "headway",
        720,
        "s",
        "every 12 minutes about midnight (encyclopaedia)",
        "C",
        "encyclopaedia text",
    ),
    (
        "mtr-late-sheung-shui",
        "MTR",
        "metro",
        "late",
        "headway",
        480,
        "s",
        "trains of both branches end at Sheung Shui after the last train to Lo Wu",
        "M",
        "assumption",
    ),
    (
        "mtr-lok-ma-chau-evening",
        "MTR",
        "metro",
        "early evening late",
        "headway",
        LMC_EVENING_S,
        "s",
        "every 10 to 12 min; the off-peak range is 8 to 14 (press 2025-08: every 8 instead of 10 to 14 from 2025-08-18; operator on 2025-09-23: 12)",
        "M",
        "assumption; C11",
    ),
    (
        "mtr-hours-all",
        "MTR",
        "metro",
        "all",
        "first and last departure",
        "about 05:45 to 00:50",
        "HH:MM",
        "service runs from about 6 to about 1 (guides), closes just before 1 (press 2019); by line to five minutes from memory",
        "M",
        "assumption",
    ),
    (
        "mtr-hours-lo-wu",
        "MTR",
        "metro",
        "all",
        "first and last departure",
        "northbound 05:35 to 23:08, southbound 05:36 to 00:30",
        "HH:MM",
        "last train reaches Lo Wu some 8 min before the control point closes at 24:00; contradicting: last train 23:07 from Hung Hom, that is about 23:02 from Admiralty (operator, 2001-11, same closing time), and on a night with closing at 02:00 the last train left 64 min before (00:56, C10), which would be 22:56; last southbound 00:30 (operator, 2001-11); Sheung Shui first 05:40 (journey planner, 2025-04)",
        "M",
        "assumption; C10; operator's notice of 2001-11-28",
    ),
    (
        "mtr-hours-lok-ma-chau",
        "MTR",
        "metro",
        "all",
        "first and last departure",
        "northbound 05:45 to 21:38, southbound 06:35 to 22:50",
        "HH:MM",
        "last train reaches Lok Ma Chau before the control point closes at 22:30; contradicting: last train 21:29 from Admiralty (press 2024-02, usual hours)",
        "M",
        "assumption; press 2024-02",
    ),
    (
        "mtr-hours-sheung-shui",
        "MTR",
        "metro",
        "late",
        "first and last departure",
        "23:12 to 00:40",
        "HH:MM",
        "trains that no longer reach Lo Wu end at Sheung Shui; northbound only, the southbound ones come from Lo Wu",
        "M",
        "assumption",
    ),
    (
        "mtr-hours-peak-only",
        "MTR",
        "metro",
        "am_peak pm_peak",
        "first and last departure",
        "07:30 to 19:30",
        "HH:MM",
        "runs in the two peaks only; the headway table decides",
        "M",
        "assumption",
    ),
    (
        "mtr-long-links",
        "MTR",
        "metro",
        "all",
        "run of links of 4 km and more",
        "",
        "s",
        "the source computes runs with one top speed a line (72 km/h on the Tung Chung and Tuen Ma lines, 90 on the Airport Express), too low for long links; they take one factor so that the published run is met: Hong Kong-Airport 24 min, Hong Kong-Tung Chung 29 (27 to 31), Nam Cheong-Tuen Mun 30, Admiralty-Lok Ma Chau at least 47.5 (about 50); Hin Keng-Diamond Hill, in no such run, as observed",
        "C",
        "F03; C14; LegCo CB(1)1237/02-03(02); Transport Department; observed 2025-08",
    ),
    (
        "xrl-futian-stop",
        "China Railway",
        "high_speed",
        "all",
        "trains that call at Futian and run on",
        "39 of 87.5",
        "trains a day",
        "12306: 56 trains a day West Kowloon-Futian and 87.5 West Kowloon-Shenzhen North (means of the directions); the 17 that the Hong Kong operator ends at Futian taken off; no Mainland-run train ends at Futian (assumption)",
        "C",
        "12306 2026; timetable of 2026-01-26",
    ),
    (
        "xrl-spread",
        "China Railway",
        "high_speed",
        "all",
        "spread of Mainland-run trains over the day",
        "even",
        "",
        "only the Hong Kong operator's departures are known; the rest is spread evenly from first to last train; a period that first or last train cuts short takes the headway of its neighbour",
        "M",
        "assumption",
    ),
    (
        "xrl-hours",
        "China Railway",
        "high_speed",
        "all",
        "first and last departure",
        "West Kowloon 07:01 to 23:00, Futian to 22:31",
        "HH:MM",
        "first: timetable of 2026-01; last to and from Futian: operator's notice of 2024 (98 trains a day); last non-stop to Shenzhen North 22:30 and first from it 07:35, last 22:20 assumed",
        "C",
        "press 2024-08; timetable of 2026-01-26",
    ),
]

# --- interchanges -----------------------------------------------------------------------
# from, to, published seconds or None (then measured), kind, source, note
LINKS = [
    ("tuen-mun", "lr-tuen-mun", None, "in_station", "", ""),
    ("siu-hong", "lr-siu-hong", None, "in_station", "", ""),
    ("tin-shui-wai", "lr-tin-shui-wai", None, "in_station", "", ""),
    ("yuen-long", "lr-yuen-long", None, "in_station", "", ""),
    ("hong-kong", "central", None, "in_station", "", "passage with travelators"),
    ("tsim-sha-tsui", "east-tsim-sha-tsui", None, "in_station", "", "passage below the street"),
    (
        "west-kowloon",
        "austin",
        120,
        "covered",
        "travel press 2019",
        "two minutes published, hall to concourse",
    ),
    (
        "west-kowloon",
        "kowloon",
        540,
        "covered",
        "travel press 2019",
        "eight to ten minutes published: the middle",
    ),
    ("austin", "kowloon", None, "covered", "", ""),
    ("hsr-futian", "sz-shopping-park", None, "street", "", ""),
]
HALLS = [("lo-wu", "lo-wu@hk"), ("lok-ma-chau", "lok-ma-chau-spur@hk")]
CROSS_PLATFORM = (
    "mong-kok",
    "prince-edward",
    "lai-king",
    "north-point",
    "yau-tong",
    "tiu-keng-leng",
    "sunny-bay",
    "tseung-kwan-o",
)
LONG_CHANGE = ("admiralty", "central", "diamond-hill", "ho-man-tin", "kowloon-tong", "mei-foo", "quarry-bay")


def kebab(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return [row for row in csv.DictReader(handle) if any(row.values())]


def load_json(path: Path):
    return json.loads(path.read_text(encoding="utf-8"))


def clock(text: str) -> float:
    """Minutes after midnight; the small hours belong to the day before."""
    hour, minute = map(int, text.split(":")[:2])
    return (hour + 24 if hour < 4 else hour) * 60 + minute


def hhmm(minutes: float) -> str:
    return f"{int(minutes // 60):02d}:{round(minutes % 60):02d}"


def xy(lonlat: tuple[float, float]) -> np.ndarray:
    x, y = project_xy(*lonlat)
    return np.array([float(x), float(y)])


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(np.hypot(*(xy(a) - xy(b))))


@dataclass
class Track:
    """Official geometry of one line: lengths along it, whatever the order of its pieces."""

    parts: list[LineString] = field(default_factory=list)

    @classmethod
    def read(cls, *files: Path) -> Track:
        """All pieces of the files, projected."""
        parts = []
        for file in files:
            for feature in load_json(file)["features"]:
                geometry = project(shape(feature["geometry"]))
                parts += list(getattr(geometry, "geoms", [geometry]))
        return cls(parts)

    def distance(self, lonlat: tuple[float, float]) -> float:
        """Metres from a point to the line."""
        point = Point(xy(lonlat))
        return min(part.distance(point) for part in self.parts)

    def length(self, a: tuple[float, float], b: tuple[float, float]) -> float | None:
        """Metres along the line between the points nearest to a and b; None where there is no way."""
        graph = nx.Graph()
        marks: list[list[float]] = [[0.0, part.length] for part in self.parts]
        joins = []
        for i, part in enumerate(self.parts):
            for end in (part.coords[0], part.coords[-1]):
                for j, other in enumerate(self.parts):
                    if other.distance(Point(end)) < 60 and i != j:
                        at = other.project(Point(end))
                        marks[j].append(at)
                        joins.append(
                            (
                                (i, part.project(Point(end)) if end != part.coords[-1] else part.length),
                                (j, at),
                            )
                        )
        ends = []
        for lonlat in (a, b):
            point = Point(xy(lonlat))
            nearest = min(part.distance(point) for part in self.parts)
            on = []
            for i, part in enumerate(self.parts):
                if part.distance(point) < nearest + 40:
                    at = part.project(point)
                    marks[i].append(at)
                    on.append((i, at))
            ends.append(on)
        for i, part in enumerate(self.parts):
            stops = sorted(set(marks[i]))
            for s, t in pairwise(stops):
                graph.add_edge((i, s), (i, t), weight=t - s)
            if Point(part.coords[0]).distance(Point(part.coords[-1])) < 60:
                graph.add_edge((i, 0.0), (i, part.length), weight=0.0)
        for u, v in joins:
            graph.add_edge(u, v, weight=0.0)
        found = [
            nx.dijkstra_path_length(graph, u, v)
            for u in ends[0]
            for v in ends[1]
            if u in graph and v in graph and nx.has_path(graph, u, v)
        ]
        return min(found) if found else None


def link_length(track: Track, a: tuple[float, float], b: tuple[float, float]) -> tuple[float, bool]:
    """Length of a link and whether it is along the official line; else the straight line x 1.1."""
    straight = metres(a, b)
    along = track.length(a, b)
    if along is None or along > 2.2 * straight or along < 0.75 * straight:
        return 1.1 * straight, False
    return max(along, straight), True


# --- stations ---------------------------------------------------------------------------


@dataclass
class Stations:
    """Rows of the stations table by id."""

    rows: dict[str, dict] = field(default_factory=dict)
    middle: dict[str, tuple[float, float]] = field(
        default_factory=dict
    )  # station points, for walks inside stations

    def add(
        self,
        station_id,
        en,
        hant,
        lonlat,
        region,
        system,
        street,
        position,
        checked,
        check_m,
        accuracy,
        confidence,
        source,
        hans=None,
    ):
        """Add one row; the simplified name is converted unless given."""
        hant = VARIANT.get(hant, hant)
        self.rows[station_id] = {
            "station_id": station_id,
            "name_en": en,
            "name_zh_hant": hant,
            "name_zh_hans": hans or hant.translate(TO_HANS),
            "lon": f"{lonlat[0]:.5f}",
            "lat": f"{lonlat[1]:.5f}",
            "region": region,
            "system": system,
            "status": "existing",
            "opened": OPENED.get(station_id, ""),
            "street_access": street,
            "accuracy_m": accuracy,
            "position_source": position,
            "checked_against": checked,
            "check_distance_m": "" if check_m is None else round(check_m),
            "confidence": confidence,
            "source": source,
        }

    def lonlat(self, station_id: str) -> tuple[float, float]:
        """Position as written, or the rough one of a future station."""
        if station_id in self.rows:
            return float(self.rows[station_id]["lon"]), float(self.rows[station_id]["lat"])
        return FUTURE_LONLAT[station_id]


def accuracy(check_m: float, floor: int) -> int:
    return max(floor, math.ceil(check_m / 10) * 10)


def mtr_stations(src: Path, stations: Stations, tracks: dict[str, Track]) -> dict[str, list[str]]:
    """Add the 97 stations; returns station ids of each open-data line and direction."""
    orders: dict[tuple[str, str], list[tuple[float, str]]] = defaultdict(list)
    names = {}
    for row in rows_of(src / "hk_mtr_opendata/mtr_lines_and_stations.csv"):
        if row["Line Code"]:
            names[row["English Name"]] = row["Chinese Name"]
            orders[(row["Line Code"], row["Direction"])].append((float(row["Sequence"]), row["English Name"]))
    lines_of = defaultdict(set)
    for (code, _), seq in orders.items():
        for _, name in seq:
            lines_of[name].add(code)
    exits = defaultdict(list)
    for e in load_json(src / "hk_mtr_exits/exits.mtr.json"):
        exits[e["name_en"]].append((e["lng"], e["lat"]))
    second = defaultdict(list)
    for line in load_json(src / "hk_mtr_runtimes_harrywang/mtr_offpeak_v9.json"):
        for branch in line["branches"]:
            for s in branch["stations"]:
                second[RUN_NAMES.get(s["name"], s["name"])].append((s["lng"], s["lat"]))
    approx = {r["id"]: (float(r["lon"]), float(r["lat"])) for r in rows_of(src / "nodes_approx.csv")}
    listed = "MTR open data 2025-09"
    for name, hant in sorted(names.items()):
        sid = kebab(name)
        other = stations.middle[sid] = tuple(np.mean(second[name], axis=0))
        if name in exits:
            middle = tuple(np.mean(sorted(set(exits[name])), axis=0))
            d = metres(middle, other)
            stations.add(
                sid,
                name,
                hant,
                middle,
                "hk",
                "metro",
                1,
                f"mean of {len(set(exits[name]))} exits (open data, 2026-08)",
                "station point of another map",
                d,
                accuracy(d, 50),
                "A",
                listed,
            )
            continue
        street = 0 if sid in {"lo-wu", "lok-ma-chau"} else 1
        if sid == "lok-ma-chau":
            check, d = "published position of the station (WGS84)", metres(other, (114.0654, 22.5147))
        elif sid == "lo-wu":
            check, d = "approximate position, from memory", metres(other, approx["LOW"])
        else:
            check, d = "official line (CSDI)", min(tracks[c].distance(other) for c in lines_of[name])
        stations.add(
            sid,
            name,
            hant,
            other,
            "hk",
            "metro",
            street,
            "station point of another map (no exits listed)",
            check,
            d,
            accuracy(d, 100),
            "B",
            listed,
        )
    off = {
        s: min(tracks[c].distance(stations.lonlat(s)) for c in lines_of[n]) for n in names for s in [kebab(n)]
    }
    d = [int(r["check_distance_m"]) for r in stations.rows.values()]
    print(
        f"MTR: {len(names)} stations; second source: median {statistics.median(d):.0f} m, largest {max(d)} m;"
        f" official line: median {statistics.median(off.values()):.0f} m, largest {max(off.values()):.0f} m ({max(off, key=off.get)})"
    )
    return {f"{c}/{d}": [kebab(n) for _, n in sorted(v)] for (c, d), v in orders.items()}


def light_rail_stations(
    src: Path, stations: Stations, tracks: dict[str, Track]
) -> dict[tuple[str, str], list[str]]:
    points = load_json(src / "hk_light_rail_stops/light_rail_stops.json")
    runs = load_json(src / "hk_mtr_runtimes_harrywang/lightrail_v3.json")
    second = [
        (s["lng"], s["lat"])
        for line in runs
        if line["name"] in LR_ROUTES
        for b in line["branches"]
        for s in b["stations"]
    ]
    orders: dict[tuple[str, str], list[tuple[float, str, str, str]]] = defaultdict(list)
    for row in rows_of(src / "hk_mtr_opendata/light_rail_routes_and_stops.csv"):
        if row["Line Code"]:
            orders[(row["Line Code"], row["Direction"])].append(
                (float(row["Sequence"]), row["Stop ID"], row["English Name"], row["Chinese Name"])
            )
    for seq in orders.values():
        for _, stop, en, hant in seq:
            sid = "lr-" + kebab(en)
            if sid in stations.rows:
                continue
            hant = hant.replace("(", "（").replace(")", "）")
            p = points[f"LR{int(stop)}"]
            lonlat = (p["lon"], p["lat"])
            where, floor, check = "stop point (geodata.gov.hk)", 30, "stop point of another map"
            near = min(second, key=lambda q: metres(lonlat, q))
            d = metres(lonlat, near)
            if (
                stop == "250"
            ):  # named and placed wrongly in the stop file: the mean of the other map's records
                near_all = [q for q in second if metres(q, (113.9703, 22.3812)) < 60]
                lonlat, where = (
                    tuple(np.mean(near_all, axis=0)),
                    "stop point of another map (the official point is misplaced)",
                )
                d, floor, check = min(t.distance(lonlat) for t in tracks.values()), 50, "official line (CSDI)"
            stations.add(
                sid,
                en,
                hant,
                lonlat,
                "hk",
                "light_rail",
                1,
                where,
                check,
                d,
                accuracy(d, floor),
                "A" if floor == 30 else "B",
                "MTR open data 2025-09",
            )
    d = [int(r["check_distance_m"]) for r in stations.rows.values() if r["system"] == "light_rail"]
    print(
        f"Light Rail: {len(d)} stops; second source: median {statistics.median(d):.0f} m, largest {max(d)} m"
    )
    routes = {}
    for key, seq in orders.items():
        ids = ["lr-" + kebab(en) for _, _, en, _ in sorted(seq)]
        routes[key] = [s for i, s in enumerate(ids) if i == 0 or ids[i - 1] != s]  # two platforms of one stop
    return routes


def express_stations(src: Path, stations: Stations) -> None:
    osm = {
        r["name_zh_hans"]: (float(r["lon"]), float(r["lat"]))
        for r in rows_of(src / "shenzhen_metro/line13_and_missing_positions_wgs84.csv")
    }
    gtfs = {
        r["stop_id"]: (float(r["stop_lon"]), float(r["stop_lat"]))
        for r in rows_of(src / "xrl_gtfs_qgmzmy/gtfs/stops.txt")
    }
    for sid, en, hant, hans, key, stop, region in (
        ("west-kowloon", "Hong Kong West Kowloon", "香港西九龍", "香港西九龙", "香港西九龍站", "WEK", "hk"),
        ("hsr-futian", "Futian Railway Station", "福田站", "福田站", "福田站(HSR)", "FUT", "sz"),
        (
            "hsr-shenzhen-north",
            "Shenzhen North Railway Station",
            "深圳北站",
            "深圳北站",
            "深圳北站(HSR)",
            "SZB",
            "sz",
        ),
    ):
        d = metres(osm[key], gtfs[stop])
        stations.add(
            sid,
            en,
            hant,
            osm[key],
            region,
            "hsr",
            1,
            "OpenStreetMap",
            "timetable's stop point",
            d,
            accuracy(d, 50),
            "B",
            "X01 X02",
            hans,
        )


# --- patterns ---------------------------------------------------------------------------


@dataclass
class Tables:
    """Rows of the service tables."""

    lines: list[dict] = field(default_factory=list)
    patterns: list[dict] = field(default_factory=list)
    stops: list[dict] = field(default_factory=list)
    headways: list[dict] = field(default_factory=list)
    hours: list[dict] = field(default_factory=list)
    interchanges: list[dict] = field(default_factory=list)

    def pattern(self, pattern_id, line_id, direction, note, clearance=""):
        """Add a pattern."""
        self.patterns.append(
            {
                "pattern_id": pattern_id,
                "line_id": line_id,
                "direction": direction,
                "clearance": clearance,
                "note": note,
            }
        )

    def headway(self, pattern_id, period, seconds, assumption, confidence, source):
        """Add a headway; it is assumed where it names an assumption."""
        self.headways.append(
            {
                "pattern_id": pattern_id,
                "period": period,
                "headway_s": round(seconds),
                "assumed": int(bool(assumption)),
                "assumption_id": assumption,
                "confidence": confidence,
                "source": source,
            }
        )

    def hour(self, pattern_id, direction, first, last, assumption, confidence, source):
        """Add first and last departures; assumed where they name an assumption."""
        self.hours.append(
            {
                "pattern_id": pattern_id,
                "direction": direction,
                "first": first,
                "last": last,
                "assumed": int(bool(assumption)),
                "assumption_id": assumption,
                "confidence": confidence,
                "source": source,
            }
        )


def mtr_runs(src: Path) -> tuple[dict[tuple[str, str, str], float], dict[tuple[str, str], float]]:
    """(line, a, b) -> run seconds in both orders, and (line, station) -> dwell."""
    runs, dwell = {}, {}
    for line in load_json(src / "hk_mtr_runtimes_harrywang/mtr_offpeak_v9.json"):
        line_id = next(k for k, v in LINES.items() if v[5] == line["name"])
        collected = defaultdict(list)
        for branch in line["branches"]:
            ids = [kebab(RUN_NAMES.get(s["name"], s["name"])) for s in branch["stations"]]
            for (a, b), s in zip(pairwise(ids), branch["stations"], strict=False):
                collected[(a, b)].append(s["run"])
            for sid, s in zip(ids[1:-1], branch["stations"][1:-1], strict=True):
                dwell[(line_id, sid)] = DWELL_S.get(line_id, s["dwell"])
        for (a, b), values in collected.items():
            runs[(line_id, a, b)] = runs[(line_id, b, a)] = round(statistics.mean(values))
    return runs, dwell


RUN_SOURCE = "run computed by the source 2026 (one top speed a line), weekday off-peak"


@dataclass(frozen=True)
class LongLink:
    """A link of 4 km and more: its seconds as the source has them, its metres, and its order in a pattern."""

    line_id: str
    start: str
    end: str
    run_s: float
    length_m: float

    @property
    def keys(self) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
        """Both directions."""
        return (self.line_id, self.start, self.end), (self.line_id, self.end, self.start)


def path_of(orders: list[list[str]], run: Run) -> list[str]:
    """The stations of a published run, in the order of its line."""
    for order in orders:
        if run.start in order and run.end in order:
            i, j = order.index(run.start), order.index(run.end)
            return order[i : j + 1] if i < j else order[j : i + 1][::-1]
    raise SystemExit(f"no branch of {run.line_id} goes from {run.start} to {run.end}")


def fit_long_links(
    src: Path, stations: Stations, orders: dict[str, list[str]], runs, dwell, tracks: dict[str, Track]
) -> dict[tuple[str, str, str], str]:
    """Correct the runs of long links in place by the rule of rail_evidence.py; returns the source of each."""
    told: dict[tuple[str, str, str], str] = {}
    covered: set[tuple[str, str, str]] = set()
    by_line = defaultdict(list)
    for key, order in orders.items():
        line_id = next(i for i, (code, *_) in LINES.items() if code == key.split("/")[0])
        by_line[line_id].append(order)
    long = {
        key: link
        for line_id, found in by_line.items()
        for order in found
        for link in long_links(stations, tracks[LINES[line_id][0]], line_id, order, runs)
        for key in link.keys
    }
    for run in (r for r in RUNS if r.fits):
        path = path_of(by_line[run.line_id], run)
        links = [(run.line_id, a, b) for a, b in pairwise(path)]
        free = [key for key in links if key in long and key not in covered]
        total_s = sum(runs[k] for k in links) + sum(dwell[(run.line_id, s)] for s in path[1:-1])
        target_s = 60 * run.nearest_min(total_s / 60)
        covered |= {key for k in links if k in long for key in long[k].keys}
        if abs(target_s - total_s) < 1 or not free:
            continue
        before_s = sum(runs[k] for k in free)
        factor = (before_s + target_s - total_s) / before_s
        print(
            f"{run.line_id} {run.start}-{run.end}: {total_s / 60:.1f} min, to {target_s / 60:.1f}: long links x {factor:.3f}"
        )
        parts = split(before_s + target_s - total_s, [runs[k] for k in free])
        for key, seconds in zip(free, parts, strict=True):
            for both in long[key].keys:
                runs[both] = seconds
                told[both] = f"run mtr-long-links: {run.source}; {long[key].run_s:g} s in the source"
    observe(src, long, covered, runs, dwell, told)
    return told


def observe(src: Path, long: dict, covered: set, runs, dwell, told: dict) -> None:
    """Long links that no published run holds take the observed mean of both directions, where both are possible."""
    code = station_codes(src)
    observed = load_json(src / "hk_journey_times/times_all.json")
    for key, link in long.items():
        if key in covered or key in told:
            continue
        times = [
            observed.get(code[a], {}).get(code[b], math.inf) - dwell.get((link.line_id, b), 30)
            for _, a, b in link.keys
        ]
        if any(not 3.6 * link.length_m / TOP_KMH <= t < 3 * link.run_s for t in times):
            continue
        for both in link.keys:
            runs[both] = round(statistics.mean(times))
            told[both] = (
                f"run mtr-long-links: observed 2025-08, mean of both directions; {link.run_s:g} s in the source"
            )
        print(f"{link.line_id} {link.start}-{link.end}: {link.run_s:g} s, observed {runs[key]:g}")


def long_links(stations: Stations, track: Track, line_id: str, order: list[str], runs) -> list[LongLink]:
    """The links of 4 km and more of one branch."""
    found = []
    for a, b in pairwise(order):
        length, _ = link_length(track, stations.lonlat(a), stations.lonlat(b))
        if length >= LONG_LINK_M:
            found.append(LongLink(line_id, a, b, runs[(line_id, a, b)], length))
    return found


def station_codes(src: Path) -> dict[str, str]:
    """Station id -> the operator's three letters."""
    return {
        kebab(row["English Name"]): row["Station Code"]
        for row in rows_of(src / "hk_mtr_opendata/mtr_lines_and_stations.csv")
        if row["Line Code"]
    }


def mtr_patterns(
    tables: Tables,
    stations: Stations,
    orders: dict[str, list[str]],
    runs,
    dwell,
    tracks: dict[str, Track],
    told,
) -> None:
    eal, lmc = orders["EAL/UT"], orders["EAL/LMC-UT"]
    ktl, tkl = orders["KTL/UT"], orders["TKL/UT"]
    lohas = orders["TKL/TKS-UT"]
    definitions = [
        ("airport-express", "airport-express", orders["AEL/UT"], "both", "all stops"),
        ("disneyland-resort", "disneyland-resort", orders["DRL/DT"], "both", "all stops"),
        ("east-rail-lo-wu", "east-rail", eal, "both", "Admiralty-Lo Wu"),
        ("east-rail-lok-ma-chau", "east-rail", lmc, "both", "Admiralty-Lok Ma Chau"),
        (
            "east-rail-sheung-shui",
            "east-rail",
            eal[:-1],
            "forward",
            "after the last train to Lo Wu (assumption)",
        ),
        ("island", "island", orders["ISL/UT"], "both", "all stops"),
        (
            "kwun-tong-whampoa",
            "kwun-tong",
            ktl,
            "both",
            "all stops; in the peaks every second train ends at Ho Man Tin",
        ),
        ("kwun-tong-ho-man-tin", "kwun-tong", ktl[1:], "both", "short working of the peaks"),
        ("south-island", "south-island", orders["SIL/UT"], "both", "all stops"),
        ("tseung-kwan-o-po-lam", "tseung-kwan-o", tkl, "both", "North Point-Po Lam"),
        (
            "tseung-kwan-o-lohas-park",
            "tseung-kwan-o",
            [*tkl[: tkl.index("tseung-kwan-o")], *lohas[1:]],
            "both",
            "through trains of the peaks",
        ),
        (
            "tseung-kwan-o-lohas-park-shuttle",
            "tseung-kwan-o",
            lohas,
            "both",
            "outside the peaks LOHAS Park is served from Tiu Keng Leng",
        ),
        ("tsuen-wan", "tsuen-wan", orders["TWL/UT"], "both", "all stops"),
        ("tuen-ma", "tuen-ma", orders["TML/UT"], "both", "all stops"),
        ("tung-chung", "tung-chung", orders["TCL/UT"], "both", "all stops"),
        ("tung-chung-tsing-yi", "tung-chung", orders["TCL/UT"][:6], "both", "short working of the peaks"),
    ]
    for line_id, (_, en, hant, colour, opened, _) in LINES.items():
        tables.lines.append(
            {
                "line_id": line_id,
                "name_en": en,
                "name_zh_hant": hant,
                "name_zh_hans": hant.translate(TO_HANS),
                "mode": "metro",
                "operator": "MTR Corporation",
                "status": "existing",
                "colour": colour,
                "opened": opened,
                "confidence": "B",
                "source": "MTR open data 2025-09; line histories",
            }
        )
    for pattern_id, line_id, order, direction, note in definitions:
        tables.pattern(pattern_id, line_id, direction, note)
        track = tracks[LINES[line_id][0]]
        rows = []
        for i, sid in enumerate(order):
            row = {
                "pattern_id": pattern_id,
                "station_id": sid,
                "run_s": "",
                "dwell_s": round(dwell.get((line_id, sid), 30)),
                "length_m": "",
                "opened": SERVED_FROM.get((line_id, sid), ""),
                "status": "existing",
                "confidence": "C",
                "source": RUN_SOURCE,
            }
            if line_id == "east-rail":
                row["source"] += "; dwell mtr-dwell-east-rail"
            rows.append(row)
            if i == len(order) - 1:
                continue
            nxt = order[i + 1]
            run = runs[(line_id, sid, nxt)]
            length, official = link_length(track, stations.lonlat(sid), stations.lonlat(nxt))
            if not official:
                row["source"] += "; length straight x 1.1"
            if (line_id, sid, nxt) in told:
                row["source"] = row["source"].replace(RUN_SOURCE, told[(line_id, sid, nxt)])
            middle = FUTURE.get((line_id, sid, nxt), [])
            chain = [sid, *(m[0] for m in middle), nxt]
            legs = [metres(stations.lonlat(a), stations.lonlat(b)) for a, b in pairwise(chain)]
            run_parts, length_parts = split(run, legs), split(round(length), legs)
            row["run_s"], row["length_m"] = run_parts[0], length_parts[0]
            if middle:
                row["source"] += "; split by distance at future stops"
            for (station, opened, status, source), r, m in zip(
                middle, run_parts[1:], length_parts[1:], strict=True
            ):
                rows.append(
                    {
                        "pattern_id": pattern_id,
                        "station_id": station,
                        "run_s": r,
                        "dwell_s": DWELL_FUTURE_S,
                        "length_m": m,
                        "opened": opened,
                        "status": status,
                        "confidence": "M",
                        "source": f"{source}; run of today split by distance, dwell 30 s (assumption)",
                    }
                )
        if line_id in EXTENSION and order[-1] in {"tuen-mun", "tung-chung"}:
            total_s, total_m, assumption = EXTENSION_TOTAL[line_id]
            rows[-1]["source"] += f"; run to the extension {assumption}"
            for station, share, opened, status, source in EXTENSION[line_id]:
                rows[-1]["run_s"], rows[-1]["length_m"] = round(total_s * share), round(total_m * share)
                rows.append(
                    {
                        "pattern_id": pattern_id,
                        "station_id": station,
                        "run_s": "",
                        "dwell_s": DWELL_FUTURE_S,
                        "length_m": "",
                        "opened": opened,
                        "status": status,
                        "confidence": "M",
                        "source": f"{source}; {assumption}",
                    }
                )
        for seq, row in enumerate(rows, 1):
            tables.stops.append({**row, "seq": seq})


def split(total: float, legs: list[float]) -> list[int]:
    """Whole numbers in proportion to the legs that add up to the total."""
    bounds = [round(total * s / sum(legs)) for s in np.cumsum([0.0, *legs])]
    return [b - a for a, b in pairwise(bounds)]


def light_rail_patterns(
    src: Path, tables: Tables, stations: Stations, routes, tracks: dict[str, Track]
) -> None:
    ids = [s for s, r in stations.rows.items() if r["system"] == "light_rail"]
    points = {s: xy(stations.lonlat(s)) for s in ids}
    shape_s: dict[frozenset, list[float]] = defaultdict(list)
    for line in load_json(src / "hk_mtr_runtimes_harrywang/lightrail_v3.json"):
        if line["name"] not in LR_ROUTES:
            continue
        for branch in line["branches"]:
            found = []
            for s in branch["stations"]:
                here = xy((s["lng"], s["lat"]))
                nearest = min(ids, key=lambda k: float(np.hypot(*(points[k] - here))))
                found.append(nearest if float(np.hypot(*(points[nearest] - here))) < 80 else None)
            for (a, b), s in zip(pairwise(found), branch["stations"], strict=False):
                if a and b and a != b:
                    shape_s[frozenset((a, b))].append(s["run"])
    schedule = load_json(src / "hk_lightrail_schedule/lightrailschedule.json")
    dwell_s = 30
    unmatched = set()
    scale_report = {}
    freq = frequencies(src)
    for route in LR_ROUTES:
        out, back = routes[(route, "1")], routes[(route, "2")]
        circular = route in {"705", "706"}
        mirrored = out == back[::-1]
        low = f"lr-{route.lower()}"
        tables.lines.append(
            {
                "line_id": low,
                "name_en": f"Light Rail {route}",
                "name_zh_hant": f"輕鐵{route}綫",
                "name_zh_hans": f"轻铁{route}线",
                "mode": "light_rail",
                "operator": "MTR Corporation",
                "status": "existing",
                "colour": LR_COLOUR,
                "opened": "",
                "confidence": "A",
                "source": "MTR open data 2025-09",
            }
        )
        if circular:
            ring = [
                *out,
                *back[1:],
            ]  # both halves end and begin at Tin Wing; the last stop is the first again
            definitions = [
                (
                    low,
                    ring,
                    "forward",
                    f"circular {'anticlockwise' if route == '705' else 'clockwise'}, from and to Tin Shui Wai",
                )
            ]
        elif mirrored:
            definitions = [(low, out, "both", "all stops")]
        else:
            definitions = [
                (f"{low}-out", out, "forward", "other stops than on the way back"),
                (f"{low}-back", back, "forward", "other stops than on the way out"),
            ]
        track = (
            Track([p for name, t in tracks.items() if name.split("_")[0] == route for p in t.parts])
            if any(n.split("_")[0] == route for n in tracks)
            else None
        )
        times = [trams(schedule[route][key], stations) for key in schedule[route]]
        for pattern_id, order, direction, note in definitions:
            tables.pattern(pattern_id, low, direction, note)
            own = times if mirrored else [by_start(times, order[0])]
            lengths, raw, by_speed = [], [], []
            for a, b in pairwise(order):
                length, official = (
                    link_length(track, stations.lonlat(a), stations.lonlat(b))
                    if track
                    else (metres(stations.lonlat(a), stations.lonlat(b)) * 1.1, False)
                )
                lengths.append((length, official))
                seen = shape_s.get(frozenset((a, b)))
                raw.append(statistics.mean(seen) if seen else None)
                by_speed.append(seen is None)
                if seen is None:
                    unmatched.add(f"{a}/{b}")
            speed = sum(m for (m, _), r in zip(lengths, raw, strict=True) if r) / sum(r for r in raw if r)
            raw = [r if r is not None else m / speed for r, (m, _) in zip(raw, lengths, strict=True)]
            factors = []
            for stop_times in own:  # scale to the minutes between first and last listed stop
                listed = [s for s in (order[:-1] if circular else order) if s in stop_times]
                span = [
                    abs(b - a) for a, b in zip(stop_times[listed[0]], stop_times[listed[-1]], strict=True)
                ]
                i, j = order.index(listed[0]), order.index(listed[-1])
                control = 60 * statistics.mean(span) - dwell_s * (j - i - 1)
                factors.append(control / sum(raw[i:j]))
            factor = statistics.mean(factors)
            scale_report[pattern_id] = factor
            for seq, sid in enumerate(order, 1):
                last = seq == len(order)
                how = (
                    "length at the mean speed (assumption)"
                    if not last and by_speed[seq - 1]
                    else "seconds of another source"
                )
                tables.stops.append(
                    {
                        "pattern_id": pattern_id,
                        "seq": seq,
                        "station_id": sid,
                        "run_s": "" if last else round(raw[seq - 1] * factor),
                        "dwell_s": dwell_s,
                        "length_m": "" if last else round(lengths[seq - 1][0]),
                        "opened": "",
                        "status": "existing",
                        "confidence": "C",
                        "source": f"{how}, scaled to first and last trams 2026-01; dwell lrt-dwell"
                        + ("" if last or lengths[seq - 1][1] else "; length straight x 1.1"),
                    }
                )
            starts = [by_start(times, order[0])] + (
                [by_start(times, order[-1])] if direction == "both" else []
            )
            for name, stop_times, start in zip(
                ("forward", "backward"), starts, (order[0], order[-1]), strict=False
            ):
                first, end = stop_times[start]
                tables.hour(
                    pattern_id, name, hhmm(first), hhmm(end), "", "B", "first and last trams by stop, 2026-01"
                )
            bounds = freq[f"Route {route}"]
            for period in ("am_peak", "pm_peak", "midday"):
                lo, hi = bounds[period]
                tables.headway(
                    pattern_id, period, 30 * (lo + hi), "", "B", f"{FREQ_SOURCE}: middle of {lo:g}-{hi:g} min"
                )
            base = 30 * sum(bounds["midday"])
            for period, ratio in (("early", EARLY), ("evening", EVENING), ("late", LATE)):
                tables.headway(pattern_id, period, base * ratio, f"lrt-{period}", "M", "assumption")
    print(
        f"Light Rail: {len(unmatched)} links by length: {sorted(unmatched)}; factors on the source's seconds "
        f"{min(scale_report.values()):.2f}-{max(scale_report.values()):.2f}, mean {statistics.mean(scale_report.values()):.2f}"
    )


def trams(listed: list[dict], stations: Stations) -> dict[str, tuple[float, float]]:
    """Stop -> minutes of first and last tram of one direction."""
    found = {}
    for row in listed:
        sid = "lr-" + kebab(row["stop"].replace("\xa0", " ").split(" (Platform")[0])
        assert sid in stations.rows, sid
        found[sid] = (clock(row["first_train"]), clock(row["last_train"]))
    return found


def by_start(times: list[dict], start: str) -> dict[str, tuple[float, float]]:
    """The direction whose first tram of the day leaves from this stop."""
    return next(t for t in times if start in t and t[start][0] == min(v[0] for v in t.values()))


# --- headways of the MTR ----------------------------------------------------------------


def frequencies(src: Path) -> dict[str, dict[str, tuple[float, float]]]:
    """Name -> am_peak, pm_peak, midday -> bounds in minutes (weekdays)."""
    table = {}
    with (src / "hk_mtr_runtimes_harrywang" / FREQUENCY_FILE).open(
        encoding="utf-8-sig", newline=""
    ) as handle:
        for row in list(csv.reader(handle))[1:]:
            cells = {}
            for period, text in zip(("am_peak", "pm_peak", "midday"), row[1:4], strict=True):
                numbers = [float(x) for x in re.findall(r"[\d.]+", text)]
                if numbers:
                    cells[period] = (numbers[0], numbers[-1])
            if cells:
                table[row[0].strip("#~ ")] = cells
    return table


def mtr_headways(src: Path, tables: Tables) -> None:
    freq = frequencies(src)
    simple = {
        "island": "Island Line",
        "tsuen-wan": "Tsuen Wan Line",
        "south-island": "South Island Line",
        "disneyland-resort": "Disneyland Resort Line",
        "tuen-ma": "Tuen Ma Line",
        "airport-express": "Airport Express",
        "tung-chung": "Hong Kong-Tung Chung",
        "kwun-tong-whampoa": "Ho Man Tin-Whampoa",
        "tseung-kwan-o-po-lam": "North Point-Po Lam",
    }
    middle_s: dict[str, dict[str, float]] = defaultdict(dict)
    note: dict[tuple[str, str], str] = {}

    def put(pattern, period, seconds, text):
        middle_s[pattern][period] = seconds
        note[(pattern, period)] = f"{FREQ_SOURCE}: {text}"

    for pattern, name in simple.items():
        for period, (lo, hi) in freq[name].items():
            put(
                pattern, period, 30 * (lo + hi), f"middle of {lo:g}-{hi:g} min" if lo != hi else f"{lo:g} min"
            )
    for period, (lo, hi) in freq["North Point-LOHAS Park"].items():
        put("tseung-kwan-o-lohas-park", period, 30 * (lo + hi), f"{lo:g} min")
    for period, (lo, hi) in freq["Tiu Keng Leng-LOHAS Park"].items():
        put("tseung-kwan-o-lohas-park-shuttle", period, 30 * (lo + hi), f"middle of {lo:g}-{hi:g} min")
    for pattern, trunk, whole in (
        ("kwun-tong-ho-man-tin", "Tiu Keng Leng-Ho Man Tin", "kwun-tong-whampoa"),
        ("tung-chung-tsing-yi", "Hong Kong-Tsing Yi", "tung-chung"),
    ):
        for period, (lo, hi) in freq[trunk].items():
            rest = 1 / (30 * (lo + hi)) - 1 / middle_s[whole][period]
            if rest > 1e-6:
                put(
                    pattern,
                    period,
                    1 / rest,
                    f"trunk {lo:g}-{hi:g} min less the trains to the end of the line",
                )
    low, lmc, trunk = freq["Admiralty-Lo Wu"], freq["Admiralty-Lok Ma Chau"], freq["Admiralty-Sheung Shui"]
    for period in ("am_peak", "pm_peak", "midday"):
        a, b = 30 * sum(low[period]), 30 * sum(lmc[period])
        together = 1 / (1 / a + 1 / b)
        within = min(max(together, 60 * trunk[period][0]), 60 * trunk[period][1])
        text = f"middle of {{}}, trunk {trunk[period][0]:g}-{trunk[period][1]:g} min" + (
            f", scaled by {within / together:.2f} to the trunk" if within != together else ""
        )
        put(
            "east-rail-lo-wu",
            period,
            a * within / together,
            text.format(f"{low[period][0]:g}-{low[period][1]:g} min"),
        )
        put(
            "east-rail-lok-ma-chau",
            period,
            b * within / together,
            text.format(f"{lmc[period][0]:g}-{lmc[period][1]:g} min"),
        )
        print(
            f"East Rail {period}: Lo Wu {a * within / together / 60:.2f}, Lok Ma Chau {b * within / together / 60:.2f}, together {within / 60:.2f} min"
            f" (published trunk {trunk[period][0]:g}-{trunk[period][1]:g})"
        )
    for pattern, values in middle_s.items():
        for period, seconds in values.items():
            tables.headway(pattern, period, seconds, "", "B", note[(pattern, period)])
        if "midday" not in values or pattern in {"tung-chung-tsing-yi", "kwun-tong-ho-man-tin"}:
            continue
        for period, ratio in (("early", EARLY), ("evening", EVENING), ("late", LATE)):
            if pattern == "east-rail-lok-ma-chau":
                tables.headway(pattern, period, LMC_EVENING_S, "mtr-lok-ma-chau-evening", "M", "assumption")
            elif pattern == "airport-express" and period == "late":
                tables.headway(pattern, period, 720, "mtr-late-airport-express", "C", "encyclopaedia text")
            else:
                tables.headway(pattern, period, values["midday"] * ratio, f"mtr-{period}", "M", "assumption")
    tables.headway("east-rail-sheung-shui", "late", 480, "mtr-late-sheung-shui", "M", "assumption")
    for pattern, (f1, f2, b1, b2) in HOURS.items():
        assumption = HOURS_ASSUMPTION.get(pattern, "mtr-hours-all")
        tables.hour(pattern, "forward", f1, f2, assumption, "M", "assumption")
        if b1:
            tables.hour(pattern, "backward", b1, b2, assumption, "M", "assumption")


# --- express rail -----------------------------------------------------------------------


def express(src: Path, tables: Tables, stations: Stations) -> None:
    folder = src / "xrl_gtfs_qgmzmy/gtfs"
    weekday = {t["trip_id"]: t for t in rows_of(folder / "trips.txt") if t["service_id"] == "normal"}
    calls: dict[str, list] = defaultdict(list)
    for s in rows_of(folder / "stop_times.txt"):
        if s["trip_id"] in weekday:
            calls[s["trip_id"]].append(
                (
                    int(s["stop_sequence"]),
                    s["stop_id"][:3],
                    clock(s["arrival_time"]),
                    clock(s["departure_time"]),
                )
            )
    own: dict[tuple[str, str], list[float]] = defaultdict(
        list
    )  # pattern, direction -> departures at the first of our stops
    runs: dict[tuple[str, str], list[float]] = defaultdict(list)
    dwells = []
    for trip in calls.values():
        here = [(s, a, d) for _, s, a, d in sorted(trip) if s in {"WEK", "FUT", "SZB"}]
        names = tuple(s for s, _, _ in here)
        kind = {
            frozenset(("WEK", "FUT")): "xrl-futian",
            frozenset(("WEK", "SZB")): "xrl-shenzhen-north",
            frozenset(("WEK", "FUT", "SZB")): "xrl-futian-shenzhen-north",
        }[frozenset(names)]
        own[(kind, "forward" if names[0] == "WEK" else "backward")].append(here[0][2])
        for (a, _, d1), (b, a2, _) in pairwise(here):
            runs[(a, b)].append(a2 - d1)
        if len(here) == 3:
            dwells.append(here[1][2] - here[1][1])
    medians = {frozenset(k): statistics.median(runs[k] + runs.get(k[::-1], [])) for k in runs}
    dwell = statistics.median(dwells)
    north_12306 = {(r["from"], r["to"]): r for r in rows_of(src / "shenzhen_metro/xrl_run_minutes_12306.csv")}
    wek, fut, szb = "香港西九龙", "福田", "深圳北"
    trains = {
        "forward": {"fut": int(north_12306[(wek, fut)]["n"]), "szb": int(north_12306[(wek, szb)]["n"])},
        "backward": {"fut": int(north_12306[(fut, wek)]["n"]), "szb": int(north_12306[(szb, wek)]["n"])},
    }
    total = {}
    for direction, n in trains.items():
        ends = len(own[("xrl-futian", direction)])
        through = n["fut"] - ends
        total[direction] = {
            "xrl-futian": ends,
            "xrl-futian-shenzhen-north": through,
            "xrl-shenzhen-north": n["szb"] - through,
        }
    print(
        f"Express rail: trains a day {total}; run minutes { ({'-'.join(sorted(k)): v for k, v in medians.items()}) }, dwell at Futian {dwell} min"
    )
    tables.lines.append(
        {
            "line_id": "xrl",
            "name_en": "Guangzhou-Shenzhen-Hong Kong Express Rail Link",
            "name_zh_hant": "廣深港高速鐵路",
            "name_zh_hans": "广深港高速铁路",
            "mode": "high_speed",
            "operator": "MTR Corporation; China Railway",
            "status": "existing",
            "colour": "#8f928d",
            "opened": "2018-09-23",
            "confidence": "A",
            "source": "X01 X04",
        }
    )
    shape_of = defaultdict(list)
    for r in rows_of(folder / "shapes.txt"):
        shape_of[r["shape_id"]].append(
            (int(r["shape_pt_sequence"]), float(r["shape_pt_lon"]), float(r["shape_pt_lat"]))
        )
    track = Track(
        [
            project(LineString([p[1:] for p in sorted(v)]))
            for k, v in sorted(shape_of.items())
            if k == "WEK2SZB"
        ]
    )
    hours = {
        "xrl-futian": None,
        "xrl-futian-shenzhen-north": (("07:01", "23:00"), ("07:35", "22:21")),
        "xrl-shenzhen-north": (("07:01", "22:30"), ("07:35", "22:20")),
    }
    definitions = {
        "xrl-futian": (["west-kowloon", "hsr-futian"], "trains of the Hong Kong operator that end at Futian"),
        "xrl-futian-shenzhen-north": (
            ["west-kowloon", "hsr-futian", "hsr-shenzhen-north"],
            "trains of both operators that call at Futian and run on",
        ),
        "xrl-shenzhen-north": (
            ["west-kowloon", "hsr-shenzhen-north"],
            "trains of both operators that pass Futian; all trains, Mainland-run included: median 19 min",
        ),
    }
    code = {"west-kowloon": "WEK", "hsr-futian": "FUT", "hsr-shenzhen-north": "SZB"}
    for pattern, (order, note) in definitions.items():
        tables.pattern(pattern, "xrl", "both", note, "west-kowloon:west-kowloon")
        for seq, sid in enumerate(order, 1):
            row = {
                "pattern_id": pattern,
                "seq": seq,
                "station_id": sid,
                "run_s": "",
                "dwell_s": round(60 * dwell),
                "length_m": "",
                "opened": "",
                "status": "existing",
                "confidence": "B",
                "source": "X01 X07; timetable of 2026-01-26, median",
            }
            if seq < len(order):
                a, b = sid, order[seq]
                row["run_s"] = round(60 * medians[frozenset((code[a], code[b]))])
                length, official = link_length(track, stations.lonlat(a), stations.lonlat(b))
                row["length_m"] = round(length)
                row["source"] += "" if official else "; length straight x 1.1"
            tables.stops.append(row)
        windows = {}
        for direction, k in (("forward", 0), ("backward", 1)):
            departures = sorted(own[(pattern, direction)])
            windows[direction] = (
                tuple(clock(t) for t in hours[pattern][k])
                if hours[pattern]
                else (departures[0], departures[-1])
            )
            tables.hour(
                pattern,
                direction,
                *(hhmm(t) for t in windows[direction]),
                "xrl-hours" if hours[pattern] else "",
                "C" if hours[pattern] else "B",
                "press 2024-08; timetable of 2026-01-26; assumption"
                if hours[pattern]
                else "timetable of 2026-01-26, weekdays",
            )
        by_period: dict[str, float] = {}
        borrowed: set[str] = set()
        for period, (start, end) in PERIOD_H.items():
            per_hour, runs_at_all = [], False
            for direction in ("forward", "backward"):
                first, last = windows[direction]
                overlap = (min(60 * end, last) - max(60 * start, first)) / 60
                runs_at_all |= overlap > 0
                if overlap < 0.75:  # too short to count in: the neighbouring period stands for it
                    continue
                known = own[(pattern, direction)]
                count = sum(60 * start <= t < 60 * end for t in known)
                if pattern != "xrl-futian":
                    count += (total[direction][pattern] - len(known)) * overlap / ((last - first) / 60)
                per_hour.append(count / overlap)
            if per_hour:
                by_period[period] = 3600 / statistics.mean(per_hour)
            elif runs_at_all:
                by_period[period] = math.nan
        for period, neighbour in (("early", "am_peak"), ("late", "evening")):
            if math.isnan(by_period.get(period, 0.0)):
                by_period[period] = by_period[neighbour]
                borrowed.add(period)
        spread = pattern != "xrl-futian"
        text = (
            "12306 2026 and timetable of 2026-01-26: mean of both directions"
            if spread
            else "timetable of 2026-01-26, weekdays: departures in the period, mean of both directions"
        )
        for period, seconds in by_period.items():
            assumed = spread or period in borrowed
            tables.headway(
                pattern, period, seconds, "xrl-spread" if assumed else "", "C" if assumed else "B", text
            )


# --- interchanges -----------------------------------------------------------------------


def interchanges(tables: Tables, stations: Stations, other: dict[str, tuple[float, float]]) -> None:
    def add(a, b, seconds, length, kind, assumed, confidence, source, note):
        tables.interchanges.append(
            {
                "from_station": a,
                "to_station": b,
                "walk_s": round(seconds),
                "length_m": "" if length is None else round(length),
                "kind": kind,
                "assumed": assumed,
                "confidence": confidence,
                "source": source,
                "note": note,
            }
        )

    for a, b, published, kind, source, note in LINKS:
        if published:
            add(a, b, published, None, kind, 0, "B", source, note)
            continue
        near, far = (other.get(s) or stations.middle.get(s) or stations.lonlat(s) for s in (a, b))
        length = DETOUR * metres(near, far)
        text = "straight line between station points x 1.3 at 1.2 m/s and 60 s for levels (assumption)"
        add(
            a,
            b,
            5 * round((length / WALK_M_S + LEVELS_S) / 5),
            length,
            kind,
            1,
            "C",
            "hk-walk; hk-detour; hk-levels",
            f"{note}; {text}" if note else text,
        )
    for a, hall in HALLS:
        add(
            a,
            hall,
            120,
            None,
            "covered",
            1,
            "M",
            "hk-hall-walk",
            "concourse and hall are one building (assumption)",
        )
    for station in CROSS_PLATFORM:
        add(
            station,
            station,
            120,
            None,
            "in_station",
            1,
            "M",
            "hk-change-cross-platform",
            "across the platform in one direction, by a level in the other (assumption)",
        )
    for station in LONG_CHANGE:
        add(
            station,
            station,
            240,
            None,
            "in_station",
            1,
            "M",
            "hk-change-long",
            "long passages or deep platforms (assumption); single pairs of lines differ",
        )


# --- checks and output ------------------------------------------------------------------


def check_times(src: Path, tables: Tables) -> None:
    code = station_codes(src)
    observed = load_json(src / "hk_journey_times/times_all.json")
    outliers = {("SHS", "LMC"), ("HFC", "CHW"), ("SUN", "TUC")}
    by_pattern = defaultdict(list)
    for row in tables.stops:
        by_pattern[row["pattern_id"]].append(row)
    differences = []
    line_of = {p["pattern_id"]: p["line_id"] for p in tables.patterns}
    seen = set()
    for pattern, rows in by_pattern.items():
        if line_of[pattern] not in LINES:
            continue
        today = merged(rows)
        for (a, run, _), (b, _, dwell) in pairwise(today):
            if (line_of[pattern], a, b) in seen:
                continue
            seen.add((line_of[pattern], a, b))
            values = [
                observed.get(code[x], {}).get(code[y])
                for x, y in ((a, b), (b, a))
                if (code[x], code[y]) not in outliers
            ]
            values = [v for v in values if v]
            if values:
                differences.append((abs(run + dwell - statistics.mean(values)), line_of[pattern], a, b))
    worst = sorted(differences, reverse=True)[:5]
    print(
        f"Run + dwell against observed times, {len(differences)} links: mean absolute difference {statistics.mean(d[0] for d in differences):.0f} s,"
        f" median {statistics.median(d[0] for d in differences):.0f} s; largest {[(round(d[0]), *d[1:]) for d in worst]}"
    )
    for pattern, published in (
        ("east-rail-lo-wu", "about 45"),
        ("east-rail-lok-ma-chau", "about 50"),
        ("tung-chung", "27-31"),
        ("tuen-ma", "about 75"),
        ("airport-express", "28"),
        ("island", "-"),
        ("tsuen-wan", "-"),
        ("kwun-tong-whampoa", "-"),
        ("xrl-futian", "14"),
        ("xrl-shenzhen-north", "18"),
        ("xrl-futian-shenzhen-north", "24"),
    ):
        today = merged(by_pattern[pattern])
        length = sum(int(r["length_m"] or 0) for r in by_pattern[pattern]) / 1000
        print(
            f"  {pattern}: {total_s(today) / 60:.1f} min (published {published}), {length:.1f} km, {len(today)} stops"
        )


def merged(rows: list[dict]) -> list[tuple[str, float, float]]:
    """Today's stops: closed ones give their run to the neighbours and drop their dwell."""
    today: list[tuple[str, float, float]] = []
    for row in rows:
        run = float(row["run_s"] or 0)
        if row["status"] == "existing":
            today.append((row["station_id"], run, float(row["dwell_s"])))
        else:
            station, before, dwell = today[-1]
            today[-1] = (station, before + run, dwell)
    return today


def total_s(today: list[tuple[str, float, float]]) -> float:
    return sum(run for _, run, _ in today[:-1]) + sum(dwell for _, _, dwell in today[1:-1])


def write(name: str, columns: str, rows: list[dict], key) -> None:
    with (OUT / f"{name}_hk.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns.split(","), lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(rows, key=key))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sources", type=Path, required=True, help="the reference data folder")
    src = parser.parse_args().sources
    ways = src / "hk_rail_ferry_waypoints"
    tracks = {code: Track.read(ways / "mtr" / file) for code, file in WAYPOINTS.items()}
    lr_tracks = {p.stem: Track.read(p) for p in sorted((ways / "lrt").glob("*.json"))}
    stations, tables = Stations(), Tables()
    orders = mtr_stations(src, stations, tracks)
    routes = light_rail_stations(src, stations, lr_tracks)
    express_stations(src, stations)
    runs, dwell = mtr_runs(src)
    told = fit_long_links(src, stations, orders, runs, dwell, tracks)
    mtr_patterns(tables, stations, orders, runs, dwell, tracks, told)
    light_rail_patterns(src, tables, stations, routes, lr_tracks)
    mtr_headways(src, tables)
    express(src, tables, stations)
    shopping_park = next(
        r
        for r in rows_of(src / "shenzhen_metro/stations_compiled_wgs84.csv")
        if r["name_zh_hans"] == "购物公园"
    )
    interchanges(
        tables, stations, {"sz-shopping-park": (float(shopping_park["lon"]), float(shopping_park["lat"]))}
    )
    check_times(src, tables)

    write(
        "stations",
        "station_id,name_en,name_zh_hant,name_zh_hans,lon,lat,region,system,status,opened,street_access,accuracy_m,position_source,"
        "checked_against,check_distance_m,confidence,source",
        list(stations.rows.values()),
        lambda r: r["station_id"],
    )
    write(
        "lines",
        "line_id,name_en,name_zh_hant,name_zh_hans,mode,operator,status,colour,opened,confidence,source",
        tables.lines,
        lambda r: r["line_id"],
    )
    write(
        "patterns", "pattern_id,line_id,direction,clearance,note", tables.patterns, lambda r: r["pattern_id"]
    )
    write(
        "pattern_stops",
        "pattern_id,seq,station_id,run_s,dwell_s,length_m,opened,status,confidence,source",
        tables.stops,
        lambda r: (r["pattern_id"], r["seq"]),
    )
    write(
        "headways",
        "pattern_id,period,headway_s,assumed,assumption_id,confidence,source",
        tables.headways,
        lambda r: (r["pattern_id"], PERIODS.index(r["period"])),
    )
    write(
        "hours",
        "pattern_id,direction,first,last,assumed,assumption_id,confidence,source",
        tables.hours,
        lambda r: (r["pattern_id"], r["direction"]),
    )
    write(
        "interchanges",
        "from_station,to_station,walk_s,length_m,kind,assumed,confidence,source,note",
        tables.interchanges,
        lambda r: (r["from_station"], r["to_station"]),
    )
    columns = "assumption_id,operator,mode,period,quantity,value,unit,reason,confidence,source"
    write(
        "service_assumptions",
        columns,
        [dict(zip(columns.split(","), row, strict=True)) for row in ASSUMPTIONS],
        lambda r: r["assumption_id"],
    )
    print(
        f"{len(stations.rows)} stations, {len(tables.lines)} lines, {len(tables.patterns)} patterns, {len(tables.stops)} stops, {len(tables.headways)} headways,"
        f" {len(tables.hours)} hours, {len(tables.interchanges)} interchanges"
    )


if __name__ == "__main__":
    main()
