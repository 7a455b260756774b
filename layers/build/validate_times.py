"""Compare the bundle's running times with published and observed ones; prints the tables of docs/validation.md.

    python layers/build/validate_times.py --sources DIR                              prints all tables as Markdown
    python layers/build/validate_times.py --sources DIR --into docs/validation.md    puts each between its two marks

Inputs (below DIR); the layers are the bundled ones.
    hk_journey_times/times_all.json             average seconds between stops, reckoned from arrival predictions, 2025-08
    hk_mtr_runtimes_harrywang/mtr_*.json        seconds of run and dwell as computed: off-peak version 9 (an input of the layers), peak
    hk_mtr_opendata/mtr_lines_and_stations.csv  codes of stations
    hk_lightrail_schedule/                      minutes of first and last trams at each stop, 2026-01
    xrl_gtfs_qgmzmy/gtfs/                       trains of the Hong Kong operator, week of 2026-01-26 (an input)
    shenzhen_metro/                             minutes between stops, 2026 (an input); express trains of both operators
    hk_bus_headways/                            stops of bus routes in order, 2026-08
Published figures stand below, each with its id or publisher.

Method
    Our time is that of the network of the scenario `baseline-2024` (Shenzhen: `committed-2030`, which runs today's lines
    of 2026): from departure at one stop to arrival at another, dwell at the stops between inside. Error = ours - theirs.
    Between neighbouring stations our time is from arrival to arrival, as predictions are of arrivals.
    Observed links are looked at twice: all but the three named outliers, and without those on which the train would have
    to average more than 135 km/h from stop to stop, the top speed of the fastest line (C14), which no train can.
    Buses: a link's observed seconds against the share of the published minutes that the program gives it (by straight
    distance). Links without observation, or above 100 km/h straight, are left out on both sides; routes with less than
    80 % of their length observed are left out whole.
    Every comparison says what the other figure is to the layers: `input` (agreement checks our pipeline, nothing more),
    `tuned` (a value of ours was chosen with an eye on it), `second reading` (another timetable of the kind the layers were
    made from), `independent` (nothing of it went in: real validation).
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from hk_bus import Record, join_circles, read_records, read_stops
from rail_evidence import LONG_LINK_M, RUNS, TOP_KMH, Run
from sz_metro import ALIAS, LAST_TRAIN_MIN, LINES

from corridor import Study
from corridor.network.service import Network, Pattern

LAYERS = Path(__file__).resolve().parents[1]
NOW, SHENZHEN_NOW = "baseline-2024", "committed-2030"
OUTLIERS = {("SHS", "LMC"), ("HFC", "CHW"), ("SUN", "TUC")}  # named in the notes of the source's folder
BUS_TOP_KMH, OBSERVED_SHARE, OTHER_POWER = 100.0, 0.8, 0.6
LIGHT_RAIL_DEFAULTS_S = (120, 132)


@dataclass(frozen=True)
class Pair:
    """One comparison, in seconds; `use` is what the other figure is to the layers."""

    where: str
    ours_s: float
    other_s: float
    use: str = ""
    source: str = ""

    @property
    def error_s(self) -> float:
        """Ours less theirs."""
        return self.ours_s - self.other_s


@dataclass(frozen=True)
class Published:
    """A published time: minutes, low to high, between two stations of a line."""

    where: str
    line_id: str
    start: str
    end: str
    low_min: float
    high_min: float
    use: str
    source: str

    @property
    def text(self) -> str:
        """The figure as published."""
        return (
            f"{self.low_min:g}" if self.low_min == self.high_min else f"{self.low_min:g} to {self.high_min:g}"
        )

    def error_min(self, ours_min: float) -> float:
        """How far ours lies outside the published range; negative below it."""
        return ours_min - min(max(ours_min, self.low_min), self.high_min)


TD = "Transport Department"
PUBLISHED = (
    Published("Admiralty - Lo Wu", "east-rail", "admiralty", "lo-wu", 45, 45, "tuned", f"{TD}, \"about\""),
    Published("Admiralty - Lo Wu, night trains", "east-rail", "admiralty", "lo-wu", 50, 50, "independent", "C10 (B), one night of 2024-02"),
    Published("Admiralty - Lok Ma Chau", "east-rail", "admiralty", "lok-ma-chau", 50, 50, "tuned", f"{TD} and C11 (M), \"about\""),
    Published("Tai Wai - Admiralty", "east-rail", "tai-wai", "admiralty", 17, 17, "tuned", "C09 (B), press 2022-05"),
    Published("Hung Hom - Admiralty", "east-rail", "hung-hom", "admiralty", 7, 7, "independent", "C09 (B), press 2022-05"),
    Published("Hong Kong - Tung Chung", "tung-chung", "hong-kong", "tung-chung", 27, 31, "input", "C14 (B), encyclopaedia"),
    Published("Tuen Mun - Nam Cheong", "tuen-ma", "tuen-mun", "nam-cheong", 30, 30, "input", "operator's journey time of 2003 (B), LegCo CB(1)1237/02-03(02)"),
    Published("Tuen Mun - Wu Kai Sha", "tuen-ma", "tuen-mun", "wu-kai-sha", 75, 75, "independent", "C14 (M), memory, \"about\""),
    Published("Tuen Mun - Hung Hom", "tuen-ma", "tuen-mun", "hung-hom", 37, 37, "independent", "C14 (B), encyclopaedia"),
    Published("Hong Kong - Airport", "airport-express", "hong-kong", "airport", 24, 24, "input", "F03; the operator's, as the press prints it (B)"),
)  # fmt: skip
EXPRESS = (
    Published("West Kowloon - Futian", "xrl", "west-kowloon", "hsr-futian", 14, 19, "independent", "X01 (B), press 2018, by train"),
    Published("West Kowloon - Shenzhen North, not calling at Futian", "xrl", "west-kowloon", "hsr-shenzhen-north", 18, 23, "independent", "X07 (M), memory, by train"),
)  # fmt: skip
LINE_11 = tuple(
    Published(f"Futian - {name}", "sz-l11", "sz-futian", station, minutes, minutes, "independent", "Z01 (B), last train of 2022")
    for name, station, minutes in (
        ("Chegongmiao", "sz-chegongmiao", 3), ("Hongshuwan South", "sz-hongshuwan-south", 9), ("Houhai", "sz-houhai", 14),
        ("Nanshan", "sz-nanshan", 16), ("Qianhaiwan", "sz-qianhaiwan", 21), ("Bao'an", "sz-baoan", 24),
        ("Bihaiwan", "sz-bihaiwan", 28), ("Airport", "sz-airport", 35), ("Airport North", "sz-airport-north", 38),
    )
)  # fmt: skip
LINE_13 = Published("Shenzhen Bay Port - Gaoxin Middle (Line 13)", "sz-l13", "sz-shenzhen-bay-checkpoint", "sz-hi-tech-central", 12, 12, "independent", "Z03 (B), press 2024-12")  # fmt: skip
PLANNED = (
    ("central-2035", Published("Northern Link, Kam Sheung Road - Kwu Tung", "northern-link", "kam-sheung-road", "kwu-tung", 12, 12, "input", "C01 (A)")),
    ("central-2035", Published("Northern Link spur, San Tin - Huanggang", "northern-link-spur", "san-tin", "huanggang-port", 11, 11, "input", "C02 (A)")),
    ("western-2035", Published("Western line, Hung Shui Kiu - Qianhai", "hswrl", "hung-shui-kiu", "qianhai", 15, 15, "input", "W05 (B)")),
    ("committed-2030", Published("Tuen Mun - Tuen Mun South", "tuen-ma", "tuen-mun", "tuen-mun-south", 0, 5, "input", "W18 (A), \"less than 5\"")),
)  # fmt: skip
# weekday 10:00-16:00, minutes end to end and headway as read from the timetables of 2026-08
CONTROL_POINT_BUSES = {
    "B1": (53, 15), "B2": (33, 20), "B3": (36, 30), "B3X": (19, 10), "B7": (32, 17), "B8": (53, 16), "B9": (56, 26),
    "79K": (48, 28), "75": (29, 22), "618": (32, 12), "Yellow Bus": (6, 7),
}  # fmt: skip
COACHES = {"mong-kok": 55, "wan-chai": 60, "tsuen-wan": 41, "kwun-tong": 61}
PLANNER_MIN = 39.0  # Sheung Shui - Mong Kok, the operator's journey planner, 2025-04-03


# --- our times ---------------------------------------------------------------------------------


def ride_s(network: Network, line_id: str, start: str, end: str) -> float:
    """Least seconds from departure to arrival on one train of a line."""
    found = [
        b.arrival_s - a.departure_s
        for p in network.patterns
        if p.line_id == line_id
        for i, a in enumerate(p.stops)
        for b in p.stops[i + 1 :]
        if (a.station_id, b.station_id) == (start, end)
    ]
    if not found:
        raise SystemExit(f"no train of {line_id} goes from {start} to {end}")
    return min(found)


@dataclass(frozen=True)
class Link:
    """Neighbouring stations of a line in one direction: seconds from arrival to arrival, seconds of run, metres of track."""

    line_id: str
    start: str
    end: str
    time_s: float
    run_s: float
    length_m: float


def track_m(study: Study) -> dict[tuple[str, frozenset[str]], float]:
    """Track metres between neighbouring stations that are served today."""
    frame = study.tables.pattern_stops
    line_of = dict(zip(study.tables.patterns["pattern_id"], study.tables.patterns["line_id"], strict=True))
    found = {}
    for pattern, rows in frame.sort_values("seq").groupby("pattern_id"):
        start, metres = "", 0.0
        for row in rows.itertuples():
            if row.status == "existing":
                if start:
                    found[str(line_of[pattern]), frozenset((start, str(row.station_id)))] = metres
                start, metres = str(row.station_id), 0.0
            metres += float(row.length_m or 0)
    return found


def rail_links(
    network: Network, metres: dict[tuple[str, frozenset[str]], float], lines: set[str]
) -> list[Link]:
    found: dict[tuple[str, str, str], Link] = {}
    for p in network.patterns:
        if p.line_id not in lines:
            continue
        for a, b in pairwise(p.stops):
            key = (p.line_id, a.station_id, b.station_id)
            length = metres[p.line_id, frozenset(key[1:])]
            link = Link(*key, b.arrival_s - a.arrival_s, b.arrival_s - a.departure_s, length)
            if key not in found or link.time_s > found[key].time_s:  # of a short working's terminus: no dwell
                found[key] = link
    return list(found.values())


# --- figures -----------------------------------------------------------------------------------


def figures(pairs: Sequence[Pair], unit_s: float = 1.0) -> tuple[str, ...]:
    """n, mean error, mean absolute error, 90th percentile of absolute errors, of their size in per cent."""
    errors = np.array([p.error_s for p in pairs]) / unit_s
    sizes = np.abs(errors)
    share = 100 * float(np.sum(sizes)) * unit_s / sum(p.other_s for p in pairs)
    digits = 0 if unit_s == 1.0 else 1
    return (
        str(len(pairs)),
        f"{np.mean(errors):+.{digits}f}",
        f"{np.mean(sizes):.{digits}f}",
        f"{np.percentile(sizes, 90):.{digits}f}",
        f"{share:.0f} %",
    )


def worst(pairs: Sequence[Pair], count: int = 5) -> list[Pair]:
    return sorted(pairs, key=lambda p: (-abs(p.error_s), p.where))[:count]


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(str(c) for c in row) + " |" for row in rows)])


SUMMARY_MIN = ("what", "n", "mean error, min", "mean absolute error, min", "90 in 100 within, min")
SUMMARY = ("what", "n", "mean error", "mean absolute error", "90 in 100 within")


def summary(groups: Sequence[tuple[str, Sequence[Pair]]], unit: str) -> str:
    """One row for each group that is not empty."""
    head = (SUMMARY[0], SUMMARY[1], *(f"{h}, {unit}" for h in SUMMARY[2:]), "of the time")
    return table(
        head, [(name, *figures(pairs, 60.0 if unit == "min" else 1.0)) for name, pairs in groups if pairs]
    )


def published_rows(study: Study, listed: Iterable[tuple[str, Published]]) -> str:
    rows = []
    for scenario, p in listed:
        ours = ride_s(study.network(scenario).network, p.line_id, p.start, p.end) / 60
        error = p.error_min(ours)
        shown = "inside" if p.low_min < p.high_min and abs(error) < 0.05 else f"{error:+.1f}"
        rows.append((p.where, f"{ours:.1f}", p.text, shown, p.use, p.source))
    return table(("from - to", "ours, min", "published, min", "error", "to the layers it is", "source"), rows)


def pairs_of(study: Study, scenario: str, listed: Iterable[Published]) -> list[Pair]:
    """Errors against ranges count from the nearer end of the range."""
    network = study.network(scenario).network
    found = []
    for p in listed:
        ours = ride_s(network, p.line_id, p.start, p.end)
        found.append(Pair(p.where, ours, ours - 60 * p.error_min(ours / 60), p.use, p.source))
    return found


# --- published, no reference data needed -------------------------------------------------------


def end_to_end(study: Study) -> str:
    pairs = pairs_of(study, NOW, PUBLISHED)
    groups = [(use, [p for p in pairs if p.use == use]) for use in ("independent", "tuned", "input")]
    groups.insert(1, ("independent, without C10", [p for p in groups[0][1] if "C10" not in p.source]))
    return published_rows(study, [(NOW, p) for p in PUBLISHED]) + "\n\n" + summary(groups, "min")


def line_11(study: Study) -> str:
    pairs = pairs_of(study, SHENZHEN_NOW, (*LINE_11, LINE_13))
    rows = published_rows(study, [(SHENZHEN_NOW, p) for p in (*LINE_11, LINE_13)])
    return rows + "\n\n" + summary([("Line 11", pairs[:-1]), ("both", pairs)], "min")


def planned(study: Study) -> str:
    return published_rows(study, PLANNED)


# --- Hong Kong rail ----------------------------------------------------------------------------


def kebab(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower().replace("'", "")).strip("-")


def mtr_codes(src: Path) -> dict[str, str]:
    """Station id -> three-letter code."""
    with (src / "hk_mtr_opendata/mtr_lines_and_stations.csv").open(
        encoding="utf-8-sig", newline=""
    ) as stream:
        return {kebab(r["English Name"]): r["Station Code"] for r in csv.DictReader(stream) if r["Line Code"]}


def observed_times(src: Path) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = json.loads(
        (src / "hk_journey_times/times_all.json").read_text("utf-8")
    )
    return found


@dataclass(frozen=True)
class Seen:
    """A link with its observed average."""

    link: Link
    pair: Pair
    kmh: float
    named_outlier: bool


def seen_links(study: Study, src: Path) -> list[Seen]:
    codes, times = mtr_codes(src), observed_times(src)
    lines = {p.line_id for p in study.network(NOW).network.patterns if p.stops[0].station_id in codes}
    names = {s.station_id: s.names.en for s in study.network(NOW).network.stations.values()}
    found = []
    for link in rail_links(study.network(NOW).network, track_m(study), lines):
        a, b = codes[link.start], codes[link.end]
        other = times.get(a, {}).get(b)
        if other is None:
            continue
        riding = max(1.0, other - (link.time_s - link.run_s))
        where = f"{names[link.start]} - {names[link.end]} ({study.network(NOW).network.lines[link.line_id].names.en})"
        found.append(
            Seen(link, Pair(where, link.time_s, other), 3.6 * link.length_m / riding, (a, b) in OUTLIERS)
        )
    return found


def rail_link_tables(study: Study, src: Path) -> str:
    seen = seen_links(study, src)
    kept = [s for s in seen if not s.named_outlier]
    possible = [s for s in kept if s.kmh <= TOP_KMH]
    groups = [
        ("all but the three named outliers", [s.pair for s in kept]),
        (f"and not above {TOP_KMH:.0f} km/h", [s.pair for s in possible]),
    ]
    lines = sorted({s.link.line_id for s in possible})
    lines_en = study.network(NOW).network.lines
    groups += [(lines_en[i].names.en, [s.pair for s in possible if s.link.line_id == i]) for i in lines]
    speed = {s.pair.where: s for s in seen}
    rows = [
        (p.where, f"{p.ours_s:.0f}", f"{p.other_s:.0f}", f"{p.error_s:+.0f}", f"{3.6 * speed[p.where].link.length_m / speed[p.where].link.run_s:.0f}", f"{speed[p.where].kmh:.0f}")
        for p in worst([s.pair for s in kept]) + worst([s.pair for s in possible])
    ]  # fmt: skip
    head = ("link", "ours, s", "observed, s", "error", "ours, km/h", "observed, km/h")
    return (
        summary(groups, "s")
        + "\n\nWorst five of the first row, then of the second:\n\n"
        + table(head, rows)
        + f"\n\nImpossible speeds: {len(kept) - len(possible)} of {len(kept)} links."
    )


def rail_line_tables(study: Study, src: Path) -> str:
    """Whole lines, each direction, where every link is observed: faults of neighbouring links cancel in the sum."""
    network, codes = study.network(NOW).network, mtr_codes(src)
    seen = {
        (s.link.line_id, s.link.start, s.link.end): s for s in seen_links(study, src) if not s.named_outlier
    }
    rows, pairs, short = (
        [],
        [],
        {
            "kwun-tong-ho-man-tin",
            "tung-chung-tsing-yi",
            "tseung-kwan-o-lohas-park-shuttle",
            "east-rail-sheung-shui",
        },
    )
    for p in sorted(network.patterns, key=lambda p: p.pattern_id):
        if p.stops[0].station_id not in codes or p.pattern_id.rstrip("<>") in short:
            continue
        links = [seen.get((p.line_id, a.station_id, b.station_id)) for a, b in pairwise(p.stops)]
        some = [s for s in links if s]
        if len(some) < len(links):
            continue
        name = f"{network.stations[p.stops[0].station_id].names.en} - {network.stations[p.stops[-1].station_id].names.en}"
        pair = Pair(name, p.stops[-1].arrival_s, sum(s.pair.other_s for s in some))
        wrong = sum(s.kmh > TOP_KMH for s in some)
        pairs.append((pair, wrong))
        rows.append((name, network.lines[p.line_id].names.en, f"{pair.ours_s / 60:.1f}", f"{pair.other_s / 60:.1f}", f"{pair.error_s / 60:+.1f}", f"{100 * pair.error_s / pair.other_s:+.0f} %", wrong or ""))  # fmt: skip
    groups = [
        ("whole runs", [pair for pair, _ in pairs]),
        ("without impossible links", [pair for pair, wrong in pairs if not wrong]),
    ]
    head = (
        "from - to",
        "line",
        "ours, min",
        "observed, min",
        "error",
        "of the time",
        "impossible links in it",
    )
    return summary(groups, "min") + "\n\n" + table(head, rows)


def rail_length_table(study: Study, src: Path) -> str:
    possible = [s for s in seen_links(study, src) if not s.named_outlier and s.kmh <= TOP_KMH]
    bounds = (0, 1000, 2000, LONG_LINK_M, 99_999)
    names = ("track below 1 km", "1 to 2 km", "2 to 4 km", "4 km and more")
    groups = [
        (name, [s.pair for s in possible if low <= s.link.length_m < high])
        for name, (low, high) in zip(names, pairwise(bounds), strict=True)
    ]
    source = source_runs()
    long = [
        Pair("", s.pair.ours_s + source.get((s.link.line_id, frozenset((s.link.start, s.link.end))), s.link.run_s) - s.link.run_s, s.pair.other_s)
        for s in possible
        if s.link.length_m >= LONG_LINK_M
    ]  # fmt: skip
    return summary([*groups, ("- as the source has them", long)], "s")


# --- links of 4 km and more ----------------------------------------------------------------------


def source_runs() -> dict[tuple[str, frozenset[str]], float]:
    """Seconds that the source has for the links that were fitted, by line and stations, as the rows of the layer state."""
    lines = {r["pattern_id"]: r["line_id"] for r in read_csv(LAYERS / "network/patterns_hk.csv")}
    rows = [r for r in read_csv(LAYERS / "network/pattern_stops_hk.csv") if r["status"] == "existing"]
    found = {}
    for a, b in pairwise(rows):
        stated = re.search(r"([\d.]+) s in the source", a["source"])
        if stated and a["pattern_id"] == b["pattern_id"]:
            found[lines[a["pattern_id"]], frozenset((a["station_id"], b["station_id"]))] = float(stated[1])
    return found


@dataclass(frozen=True)
class LongRun:
    """A published run against ours and against the source's links; how many of its links have 4 km and more."""

    run: Run
    ours_min: float
    source_min: float
    long: int

    def errors_min(self) -> tuple[float, float]:
        """Ours and the source's beyond the published minutes, signed."""
        return (
            self.ours_min - self.run.nearest_min(self.ours_min),
            self.source_min - self.run.nearest_min(self.source_min),
        )


def long_runs(study: Study) -> list[LongRun]:
    network, metres, source = study.network(NOW).network, track_m(study), source_runs()
    found = []
    for run in RUNS:
        ours_s = ride_s(network, run.line_id, run.start, run.end)
        stops = next(
            [s.station_id for s in p.stops]
            for p in network.patterns
            if p.line_id == run.line_id and {run.start, run.end} <= {s.station_id for s in p.stops}
        )
        i, j = sorted((stops.index(run.start), stops.index(run.end)))
        keys = [(run.line_id, frozenset(pair)) for pair in pairwise(stops[i : j + 1])]
        links = {(link.line_id, frozenset((link.start, link.end))): link.run_s for link in rail_links(network, metres, {run.line_id})}  # fmt: skip
        slower_s = sum(source[k] - links[k] for k in keys if k in source)
        long = sum(metres[k] >= LONG_LINK_M for k in keys)
        found.append(LongRun(run, ours_s / 60, (ours_s + slower_s) / 60, long))
    return found


def long_run_table(study: Study) -> str:
    """Published runs, with the error of ours and of the source; their sums for each link of 4 km and more."""
    names = {s.station_id: s.names.en for s in study.network(NOW).network.stations.values()}
    found = long_runs(study)
    rows = []
    for r in found:
        low, high = r.run.low_min, r.run.high_min
        told = f"{low:g}" if low == high else f"{low:g} to {high:g}"
        ours, source = (f"{e:+.1f}" if abs(e) >= 0.05 else "inside" for e in r.errors_min())
        rows.append((f"{names[r.run.start]} - {names[r.run.end]}", r.long, f"{r.source_min:.1f}", f"{r.ours_min:.1f}", told, source, ours, "fitted" if r.run.fits else "check", f"{r.run.source} ({r.run.confidence})"))  # fmt: skip
    head = ("from - to", "links of 4 km and more", "source, min", "ours, min", "published, min", "error of the source", "error of ours", "use", "source of the published figure")  # fmt: skip
    groups = []
    for use, fits in (("fitted runs", True), ("checks", False)):
        held = [r for r in found if r.run.fits is fits and r.long]
        for whose, i in (("source", 1), ("ours", 0)):
            pairs = [Pair("", 60 * (r.run.low_min + r.errors_min()[i] / r.long), 60 * r.run.low_min) for r in held]  # fmt: skip
            groups.append((f"{use}, error for each link of 4 km and more, {whose}", pairs))
    return (
        table(head, rows) + "\n\n" + table(SUMMARY_MIN, [(name, *figures(p, 60.0)[:4]) for name, p in groups])
    )


def long_link_table(study: Study, src: Path) -> str:
    """Every link of 4 km and more: the source, ours, both observed directions less the dwell, and the speeds."""
    network, source = study.network(NOW).network, source_runs()
    names = {s.station_id: s.names.en for s in network.stations.values()}
    codes, times = mtr_codes(src), observed_times(src)
    lines = {p.line_id for p in network.patterns if p.stops[0].station_id in codes}
    rows, possible, seen = [], 0, 0
    for link in rail_links(network, track_m(study), lines):
        if link.length_m < LONG_LINK_M or link.start > link.end:
            continue
        dwell_s = link.time_s - link.run_s
        both = [times.get(codes[a], {}).get(codes[b]) for a, b in ((link.start, link.end), (link.end, link.start))]  # fmt: skip
        run = [t - dwell_s if t else None for t in both]
        told = [("-" if t is None else f"{t:.0f}" + ("" if 3.6 * link.length_m <= TOP_KMH * t else " (impossible)")) for t in run]  # fmt: skip
        seen += sum(t is not None for t in run)
        possible += sum(t is not None and 3.6 * link.length_m <= TOP_KMH * t for t in run)
        was = source.get((link.line_id, frozenset((link.start, link.end))), link.run_s)
        rows.append((f"{names[link.start]} - {names[link.end]} ({network.lines[link.line_id].names.en})", f"{link.length_m / 1000:.1f}", f"{was:.0f}", f"{link.run_s:.0f}", f"{3.6 * link.length_m / link.run_s:.0f}", *told))  # fmt: skip
    head = ("link", "km", "source, s", "ours, s", "ours, km/h", "observed, s", "observed back, s")
    rest = f"Observed directions that a train of {TOP_KMH:.0f} km/h could run: {possible} of {seen}."
    return table(head, sorted(rows)) + "\n\n" + rest


def video_runs(src: Path, name: str) -> dict[tuple[str, str, str], float]:
    """(line, a, b) -> seconds of run as the source has them, names as in it; the filler of the last station left out."""
    found: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for line in json.loads((src / "hk_mtr_runtimes_harrywang" / name).read_text("utf-8")):
        for branch in line["branches"]:
            for a, b in pairwise(branch["stations"]):
                found[line["name"], a["name"], b["name"]].append(float(a["run"]))
    return {k: statistics.mean(v) for k, v in found.items()}


def video_tables(study: Study, src: Path) -> str:
    """Three readings of the same links: the source off-peak and peak, averages of predictions; and ours; how the source follows length."""
    off, peak = video_runs(src, "mtr_offpeak_v9.json"), video_runs(src, "mtr_peak_v1.json")
    slips = {"kuai-fong": "kwai-fong", "kuai-hing": "kwai-hing", "new-station": "lohas-park"}

    def key(k: tuple[str, str, str]) -> tuple[str, str]:
        a, b = (slips.get(kebab(x), kebab(x)) for x in k[1:])
        return a, b

    seen = {
        (s.link.start, s.link.end): s
        for s in seen_links(study, src)
        if not s.named_outlier and s.kmh <= TOP_KMH
    }
    off_peak = [Pair("", peak[k], off[k]) for k in off if k in peak]
    both = [(seen[key(k)], k) for k in off if k in peak and key(k) in seen]
    riding = [s.pair.other_s - (s.link.time_s - s.link.run_s) for s, _ in both]
    network = study.network(NOW).network
    run = {
        (a.station_id, b.station_id, p.line_id): b.arrival_s - a.departure_s
        for p in network.patterns
        for a, b in pairwise(p.stops)
    }
    line_of = {line.names.en.lower(): i for i, line in network.lines.items()}
    ours = [(k, run[(*key(k), line_of[k[0].lower()])]) for k in off]
    groups = [
        ("ours against the source, off-peak (input)", [Pair(" - ".join(k[1:]), a, off[k]) for k, a in ours]),
        ("source, off-peak, against predictions less dwell", [Pair("", off[k], r) for (_, k), r in zip(both, riding, strict=True)]),
        ("source, peak, against predictions less dwell", [Pair("", peak[k], r) for (_, k), r in zip(both, riding, strict=True)]),
        ("source, peak, against off-peak", off_peak),
    ]  # fmt: skip
    ratio = np.array([p.ours_s / p.other_s for p in off_peak])
    by_line: dict[str, list[float]] = defaultdict(list)
    for k in off.keys() & peak.keys():
        by_line[k[0]].append(peak[k] / off[k])
    middle = np.percentile(ratio, [10, 50, 90])
    r = np.corrcoef([p.ours_s for p in off_peak], [p.other_s for p in off_peak])[0, 1]
    r_seen = np.corrcoef([off[k] for _, k in both], riding)[0, 1]
    return (
        summary(groups, "s")
        + f"\n\nPeak over off-peak: median {middle[1]:.2f}, 80 in 100 from {middle[0]:.2f} to {middle[2]:.2f}; correlation {r:.3f}. "
        + "By line, least, median, most: "
        + "; ".join(
            f"{line} {min(v):.2f}, {statistics.median(v):.2f}, {max(v):.2f}"
            for line, v in sorted(by_line.items())
        )
        + f". Source against predictions: correlation {r_seen:.2f}. "
        f"Ours against the source: {sum(a == round(off[k]) for k, a in ours)} of {len(ours)} are the same to the second; the others: "
        + "; ".join(f"{' - '.join(k[1:])} {a:.0f} for {off[k]:.0f} s" for k, a in ours if a != round(off[k]))
        + ".\n\n"
        + speed_table(study, src)
    )


def speed_table(study: Study, src: Path) -> str:
    """Run against length of track by line: the speed and constant of a straight line, its r, the top speed the source states."""
    text = (src / "hk_mtr_runtimes_harrywang" / "mtr_offpeak_v9.json").read_text("utf-8")
    stated = {line["name"].lower(): 3.6 * line["max_speed"] for line in json.loads(text)}
    network, source = study.network(NOW).network, source_runs()
    rows = []
    for line_id, line in sorted(network.lines.items()):
        top_kmh = stated.get(line.names.en.lower())
        links = rail_links(network, track_m(study), {line_id}) if top_kmh else []
        if len(links) < 8:
            continue
        x = np.array([link.length_m for link in links])
        y = np.array([source.get((line_id, frozenset((k.start, k.end))), k.run_s) for k in links])
        slope, constant = np.polyfit(x, y, 1)
        rows.append((line.names.en, len(links), f"{top_kmh:.0f}", f"{3.6 / slope:.0f}", f"{constant:.0f}", f"{np.corrcoef(x, y)[0, 1]:.4f}"))  # fmt: skip
    head = ("line", "links, both ways", "top speed stated in the source, km/h", "speed of the straight line, km/h", "constant, s", "r")  # fmt: skip
    return table(head, rows)


# --- Light Rail --------------------------------------------------------------------------------


def tram_stop(name: str) -> str:
    return "lr-" + kebab(name.replace("\xa0", " ").split(" (Platform")[0])


def minutes_of(text: str) -> float:
    hour, minute = map(int, text.split(":"))
    return 60 * hour + minute + (1440 if hour < 4 else 0)


def tram_pairs(study: Study, src: Path) -> tuple[list[Pair], list[Pair]]:
    """(last listed stops, which the layers were scaled to; stops between, which they were not)."""
    schedule = json.loads((src / "hk_lightrail_schedule/lightrailschedule.json").read_text("utf-8"))
    network = study.network(NOW).network
    ends, inner = [], []
    for route, ways in schedule.items():
        for way, listed in ways.items():
            times = {
                tram_stop(r["stop"]): (minutes_of(r["first_train"]), minutes_of(r["last_train"]))
                for r in listed
            }
            pattern = tram_pattern(network, f"lr-{route.lower()}", times)
            if pattern is None:
                continue
            order = [(s.station_id, s.arrival_s) for s in pattern.stops if s.station_id in times]
            if order[0][0] == order[-1][0]:
                order = order[:-1]
            start = times[order[0][0]]
            for i, (stop, at) in enumerate(order[1:], 1):
                spans = [t - s for s, t in zip(start, times[stop], strict=True)]
                where = f"{route} {way.strip()}, to {network.stations[stop].names.en}"
                pair = Pair(where, at - order[0][1], 60 * statistics.mean(spans))
                (ends if i == len(order) - 1 else inner).append(pair)
    return ends, inner


def tram_pattern(network: Network, line_id: str, times: dict[str, tuple[float, float]]) -> Pattern | None:
    """The direction whose stops come in the order of the schedule."""
    best: tuple[int, Pattern] | None = None
    for p in network.patterns:
        if p.line_id == line_id:
            firsts = [times[s.station_id][0] for s in p.stops if s.station_id in times]
            rising = sum(a < b for a, b in pairwise(firsts)) - sum(a > b for a, b in pairwise(firsts))
            if best is None or rising > best[0]:
                best = (rising, p)
    return best[1] if best else None


def light_rail_tables(study: Study, src: Path) -> str:
    ends, inner = tram_pairs(study, src)
    times = [round(s) for a, to in observed_times(src).items() if a.startswith("LR") for s in to.values()]
    default = sum(s in LIGHT_RAIL_DEFAULTS_S for s in times)
    rows = [
        (p.where, f"{p.ours_s / 60:.1f}", f"{p.other_s / 60:.1f}", f"{p.error_s / 60:+.1f}")
        for p in worst(inner)
    ]
    return (
        summary([("last listed stop of each direction (input)", ends), ("stops between", inner)], "min")
        + "\n\n"
        + table(("route, way, stop", "ours, min", "schedule, min", "error"), rows)
        + f"\n\nObserved averages: {default} of {len(times)} are a default of {' or '.join(map(str, LIGHT_RAIL_DEFAULTS_S))} s; {len(times) - default} is left, too few to say anything."
    )


# --- express rail ------------------------------------------------------------------------------


def express_tables(study: Study, src: Path) -> str:
    folder = src / "xrl_gtfs_qgmzmy/gtfs"
    calls: dict[str, list[tuple[int, str, float, float]]] = defaultdict(list)
    for r in read_csv(folder / "stop_times.txt"):
        calls[r["trip_id"]].append((int(r["stop_sequence"]), r["stop_id"][:3], minutes_of(r["arrival_time"][:5]), minutes_of(r["departure_time"][:5])))  # fmt: skip
    network = study.network(NOW).network
    ids = {"WEK": "west-kowloon", "FUT": "hsr-futian", "SZB": "hsr-shenzhen-north"}
    trips: dict[str, list[Pair]] = defaultdict(list)
    for trip in calls.values():
        here = [c for c in sorted(trip) if c[1] in ids]
        stations = [ids[c[1]] for c in here]
        pattern = next(
            p for p in network.patterns if p.line_id == "xrl" and [s.station_id for s in p.stops] == stations
        )
        kind = f"timetable, {'by way of Futian' if len(here) == 3 else 'to or from ' + ('Futian' if 'hsr-futian' in stations else 'Shenzhen North, direct')} (input)"
        trips[kind].append(Pair("", pattern.stops[-1].arrival_s, 60 * (here[-1][2] - here[0][3])))
    rows = []
    direct, slow = (ride_of(network, p) for p in ("xrl-shenzhen-north", "xrl-futian-shenzhen-north"))
    for r in read_csv(src / "shenzhen_metro/xrl_run_minutes_12306.csv"):
        ends = {r["from"], r["to"]}
        if ends == {"福田", "香港西九龙"}:
            ours = f"{ride_s(network, 'xrl', 'west-kowloon', 'hsr-futian') / 60:.0f}"
        elif ends == {"深圳北", "香港西九龙"}:
            ours = f"{direct:.0f} and {slow:.0f}"
        elif ends == {"深圳北", "福田"}:
            ours = f"{ride_s(network, 'xrl', 'hsr-futian', 'hsr-shenzhen-north') / 60:.0f}"
        else:
            continue
        names = {"福田": "Futian", "香港西九龙": "West Kowloon", "深圳北": "Shenzhen North"}
        rows.append(
            (f"{names[r['from']]} - {names[r['to']]}", r["n"], ours, r["median_min"], r["fastest_min"])
        )
    return (
        summary(sorted(trips.items()), "min")
        + "\n\n"
        + table(("from - to (12306, 2026)", "trains a day", "ours, min", "median, min", "fastest, min"), rows)
        + "\n\n"
        + published_rows(study, [(NOW, p) for p in EXPRESS])
    )


def ride_of(network: Network, pattern: str) -> float:
    """Minutes end to end of a pattern, by the start of its id."""
    return next(p for p in network.patterns if p.pattern_id.rstrip("<>") == pattern).stops[-1].arrival_s / 60


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


# --- Shenzhen ----------------------------------------------------------------------------------


def shenzhen_tables(study: Study, src: Path) -> str:
    network = study.network(SHENZHEN_NOW).network
    sums: dict[str, float] = defaultdict(float)
    for r in read_csv(src / "shenzhen_metro/shenzhen_run_minutes_by_segment.csv"):
        sums["2-8" if r["line"] in {"2", "8"} else r["line"]] += float(r["min_incl_stop"])
    rows, last = [], []
    for route, minutes in LAST_TRAIN_MIN.items():
        line_id, number, *_ = LINES[route]
        ours = ride_of(network, line_id)
        taken = route in {"3", "12"}
        last.append(Pair(number, 60 * ours, 60 * minutes, "input" if taken else "second reading"))
        rows.append((number, f"{ours:.1f}", f"{sums[route]:.1f}" if sums[route] else "-", f"{minutes:g}", f"{ours - minutes:+.1f}"))  # fmt: skip
    groups = [
        ("sum of minutes between stops (input, but Lines 3 and 12)", [Pair(n, 60 * float(o), 60 * float(s)) for n, o, s, *_ in rows if s != "-" and n not in {"3", "12"}]),
        ("last trains 2026-10 (second reading), but Lines 3 and 12", [p for p in last if p.use == "second reading"]),
    ]  # fmt: skip
    head = ("line", "ours, min", "sum of minutes between stops", "last trains 2026-10", "error to these")
    return summary(groups, "min") + "\n\n" + table(head, rows) + "\n\n" + smoothing(study, src)


def smoothing(study: Study, src: Path) -> str:
    """Links of Shenzhen against the minutes they were made from."""
    stations = {str(r["name_zh_hans"]): r for r in read_csv(LAYERS / "network/stations_sz.csv")}
    network = study.network(SHENZHEN_NOW).network
    times = {}
    for p in network.patterns:
        for a, b in pairwise(p.stops):
            dwell = (a.departure_s - a.arrival_s + b.departure_s - b.arrival_s) / 2
            times[p.line_id, frozenset((a.station_id, b.station_id))] = b.arrival_s - a.departure_s + dwell
    pairs, long = [], []
    metres = track_m(study)
    line_of = {route: values[0] for route, values in LINES.items()}
    for r in read_csv(src / "shenzhen_metro/shenzhen_run_minutes_by_segment.csv"):
        route = "2-8" if r["line"] in {"2", "8"} else r["line"]
        ends = [ALIAS.get(r[e], r[e]) for e in ("from", "to")]
        key = (line_of[route], frozenset(stations[e]["station_id"] for e in ends))
        if key in times:
            where = " - ".join(stations[e]["name_en"] for e in ends) + f" (Line {LINES[route][1]})"
            pairs.append(Pair(where, times[key], 60 * float(r["min_incl_stop"])))
            if metres[key] >= LONG_LINK_M:
                long.append(pairs[-1])
    rows = [(p.where, f"{p.ours_s:.0f}", f"{p.other_s:.0f}", f"{p.error_s:+.0f}") for p in worst(pairs)]
    return (
        summary(
            [("links against the minutes they were made from (input)", pairs), ("- of 4 km and more", long)],
            "s",
        )
        + "\n\n"
        + table(("link", "ours, s", "source, s", "error"), rows)
    )


# --- buses -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BusRoute:
    """A route-direction: ours and observed over the links that were observed, and each of these links."""

    pattern_id: str
    operator: str
    whole: Pair
    links: tuple[Pair, ...]
    metres: tuple[float, ...]
    shared_otherwise: tuple[Pair, ...]
    """The links if the minutes were shared out by distance to the power OTHER_POWER."""
    circle: bool
    road: str


def bus_routes(src: Path) -> tuple[list[BusRoute], int]:
    """Routes with enough observed, and how many of our patterns were looked at."""
    folder = src / "hk_bus_headways"
    ours = {r["pattern_id"]: r for r in read_csv(LAYERS / "network/hk_bus/patterns.csv")}
    records = read_records(folder)
    join_circles(records)
    stops, times = read_stops(folder), observed_times(src)
    found, looked = [], 0
    for record in records:
        row = ours.get(record.pattern_id)
        if row is None or not record.parts:
            continue
        looked += 1
        route = bus_route(record, row, {s: stops[record.operator, s].xy for s in record.stops}, times)
        if route:
            found.append(route)
    return found, looked


def bus_route(
    record: Record, row: dict[str, str], at: dict[str, np.ndarray], times: dict[str, dict[str, float]]
) -> BusRoute | None:
    steps = [(a, b, float(np.hypot(*(at[b] - at[a])))) for a, b in pairwise(record.stops)]
    length = sum(m for *_, m in steps)
    powers = sum(m**OTHER_POWER for *_, m in steps)
    links, spans, otherwise = [], [], []
    for a, b, metres in steps:
        seconds = times.get(a, {}).get(b)
        if seconds and metres > 0 and 3.6 * metres / seconds <= BUS_TOP_KMH:
            links.append(Pair(f"{record.route} {a}-{b}", float(row["run_s"]) * metres / length, seconds))
            otherwise.append(Pair("", float(row["run_s"]) * metres**OTHER_POWER / powers, seconds))
            spans.append(metres)
    if sum(spans) < OBSERVED_SHARE * length:
        return None
    name = f"{row['operator']} {record.route}, {record.raw['orig_en']} to {record.raw['dest_en']}"
    whole = Pair(name, sum(p.ours_s for p in links), sum(p.other_s for p in links))
    return BusRoute(
        record.pattern_id,
        row["operator"],
        whole,
        tuple(links),
        tuple(spans),
        tuple(otherwise),
        "circle" in row["mended"].split(),
        row["also_in"],
    )


def bus_tables(study: Study, src: Path) -> str:
    routes, looked = bus_routes(src)
    plain = [r for r in routes if not r.circle]
    operators = sorted({r.operator for r in routes})
    groups = [("whole routes", [r.whole for r in plain])]
    groups += [(f"- {o}", [r.whole for r in plain if r.operator == o]) for o in operators]
    groups += [
        ("circular routes whose minutes we doubled", [r.whole for r in routes if r.circle]),
        ("- had we not", [Pair("", r.whole.ours_s / 2, r.whole.other_s) for r in routes if r.circle]),
        ("routes of control points", [r.whole for r in plain if r.road]),
    ]
    links = [pair for r in plain for pair in zip(r.links, r.metres, strict=True)]
    bounds = (0.0, 250.0, 500.0, 1000.0, 4000.0, 1e9)
    names = (
        "- below 250 m, straight",
        "- 250 to 500 m",
        "- 500 to 1,000 m",
        "- 1 to 4 km",
        "- 4 km and more",
    )
    by_length = [
        (name, [p for p, m in links if low <= m < high])
        for name, (low, high) in zip(names, pairwise(bounds), strict=True)
    ]
    otherwise = [pair for r in plain for pair in zip(r.shared_otherwise, r.metres, strict=True)]
    far = [(p, m) for p, m in links if m >= bounds[-2]]
    speeds = [
        statistics.median(3.6 * m / s for s, m in found)
        for found in ([(p.ours_s, m) for p, m in far], [(p.other_s, m) for p, m in far])
    ]
    by_length += [
        (f"shared by distance to the power {OTHER_POWER:g} instead (not done)", [p for p, _ in otherwise]),
        ("- 4 km and more", [p for p, m in otherwise if m >= bounds[-2]]),
    ]
    rows = [
        (p.where, f"{p.ours_s / 60:.0f}", f"{p.other_s / 60:.0f}", f"{p.error_s / 60:+.0f}")
        for p in worst([r.whole for r in plain])
    ]
    ratio = np.percentile([r.whole.ours_s / r.whole.other_s for r in plain], [10, 50, 90])
    head = ("route", "ours, min", "observed, min", "error")
    return (
        f"{len(routes)} of {looked} route-directions have at least {100 * OBSERVED_SHARE:.0f} % of their length observed.\n\n"
        + summary(groups, "min")
        + f"\n\nOurs over observed: median {ratio[1]:.2f}, 80 in 100 from {ratio[0]:.2f} to {ratio[2]:.2f}.\n\n"
        + summary([("from stop to stop", [p for p, _ in links]), *by_length], "s")
        + "\n\n"
        + f"Links of 4 km and more, median straight speed: ours {speeds[0]:.0f} km/h, observed {speeds[1]:.0f}.\n\n"
        + table(head, rows)
    )


def control_point_table(study: Study, src: Path) -> str:
    routes = {r.road: r for r in bus_routes(src)[0] if r.road}
    network = study.network(NOW).network
    rows = []
    for p in sorted(network.patterns, key=lambda p: p.pattern_id):
        name = p.pattern_id.rstrip("<>")
        seen = next((r for road, r in routes.items() if name in road.split()), None)
        if seen:
            error = seen.whole.error_s / 60
            rows.append((seen.whole.where, f"{p.stops[-1].arrival_s / 60:.0f}", f"{seen.whole.ours_s / 60:.1f}", f"{seen.whole.other_s / 60:.1f}", f"{error:+.1f}"))  # fmt: skip
    head = ("route", "ours, min (published)", "over the observed links, min", "observed, min", "error")
    return table(head, rows) + "\n\n" + road_inputs(network)


def road_inputs(network: Network) -> str:
    """The feeder tables against the minutes they were made from, by route."""
    ends: dict[str, set[int]] = defaultdict(set)
    for p in network.patterns:
        if p.pattern_id.startswith(("bus-", "minibus-", "coach-", "yellow-")):
            ends[p.line_id].add(round(p.stops[-1].arrival_s / 60))
    published = {
        f"{'minibus' if r in {'75', '618'} else 'bus'}-{r.lower()}": m
        for r, (m, _) in CONTROL_POINT_BUSES.items()
        if r != "Yellow Bus"
    }
    published["yellow-bus"] = CONTROL_POINT_BUSES["Yellow Bus"][0]
    published |= {f"coach-{town}-huanggang": m for town, m in COACHES.items()}
    same = [i for i, m in published.items() if m in ends[i]]
    other = "; ".join(f"{i} {sorted(ends[i])} for {m}" for i, m in published.items() if i not in same)
    return f"Published minutes that one of our patterns of the line has to the minute (input): {len(same)} of {len(published)}. {'The others: ' + other + '.' if other else ''}".strip()


HEADWAYS = (
    ("B8 from Tai Wai, 9:30-13:00", ("bus-b8-1",), "midday", "15", f"{TD} notice 77543, 2024-10-28"),
    ("B8 from Tai Wai, 13:00-16:00", ("bus-b8-1",), "midday", "30", f"{TD} notice 77543, 2024-10-28"),
    ("B8 from Heung Yuen Wai, midday", ("bus-b8-2",), "midday", "20", f"{TD} notice 77543, 2024-10-28"),
    ("B2 from Yuen Long, midday", ("bus-b2-1",), "midday", "15 to 20", f"{TD}, Shenzhen Bay page"),
    ("East Rail, Admiralty - Sheung Shui, morning peak", ("east-rail-lo-wu", "east-rail-lok-ma-chau"), "am_peak", "2.7", "C09 (B), press 2022-05"),
    ("Lok Ma Chau branch, midday", ("east-rail-lok-ma-chau",), "midday", "about 10", "C11 (M), memory"),
)  # fmt: skip


def headway_table(study: Study) -> str:
    by_id = {p.pattern_id: p for p in study.network(NOW).network.patterns}
    rows = []
    for where, patterns, period, published, source in HEADWAYS:
        a_second = sum(1 / by_id[f"{p}>"].headway_s[period] for p in patterns)
        rows.append((where, f"{1 / a_second / 60:.1f}", published, source))
    return table(("service", "ours, min between trains or buses", "published, min", "source"), rows)


# --- door to door ------------------------------------------------------------------------------


def planner_min(network: Network, period: str) -> float:
    """Sheung Shui - Mong Kok from the first train's departure, changing at Kowloon Tong, with half a headway there."""
    rides = ride_s(network, "east-rail", "sheung-shui", "kowloon-tong") + ride_s(
        network, "kwun-tong", "kowloon-tong", "mong-kok"
    )
    headway = next(p for p in network.patterns if p.pattern_id == "kwun-tong-whampoa>").headway_s["midday"]
    both = [
        p.headway_s[period]
        for p in network.patterns
        if p.pattern_id in {"kwun-tong-whampoa<", "kwun-tong-ho-man-tin<"} and period in p.headway_s
    ]
    wait = 0.5 / sum(1 / h for h in both) if both else headway / 2
    return (rides + network.transfer_s["kowloon-tong"] + wait) / 60


def door_table(study: Study) -> str:
    network = study.network(NOW).network
    rows = []
    for period, at in (("am_peak", "08:30"), ("midday", "12:00")):
        rows.append((f"from the train's departure, {at}", f"{planner_min(network, period):.1f}", f"{PLANNER_MIN:g}", f"{planner_min(network, period) - PLANNER_MIN:+.1f}"))  # fmt: skip
        journey = study.journey("Sheung Shui", "Mong Kok", NOW, at)
        inside = sum(leg.in_vehicle_s for leg in journey.legs if leg.kind == "ride")
        rows.append((f"`corridor journey`, {at}: with the way to the platform and the first wait", f"{journey.time_s / 60:.1f}, in trains {inside / 60:.1f}", f"{PLANNER_MIN:g}", f"{journey.time_s / 60 - PLANNER_MIN:+.1f}"))  # fmt: skip
    return table(("Sheung Shui - Mong Kok", "ours, min", "planner 2025-04-03, min", "error"), rows)


# --- all together ------------------------------------------------------------------------------


def all_tables(study: Study, src: Path) -> dict[str, str]:
    makers: dict[str, Callable[[], str]] = {
        "hk-rail-links": lambda: rail_link_tables(study, src),
        "hk-rail-lengths": lambda: rail_length_table(study, src),
        "hk-rail-long-runs": lambda: long_run_table(study),
        "hk-rail-long-links": lambda: long_link_table(study, src),
        "hk-rail-lines": lambda: rail_line_tables(study, src),
        "hk-rail-source": lambda: video_tables(study, src),
        "hk-rail-end-to-end": lambda: end_to_end(study),
        "light-rail": lambda: light_rail_tables(study, src),
        "express-rail": lambda: express_tables(study, src),
        "shenzhen-lines": lambda: shenzhen_tables(study, src),
        "line-11": lambda: line_11(study),
        "buses": lambda: bus_tables(study, src),
        "control-point-buses": lambda: control_point_table(study, src),
        "planned": lambda: planned(study),
        "headways": lambda: headway_table(study),
        "door-to-door": lambda: door_table(study),
    }
    return {name: make() for name, make in makers.items()}


def put(text: str, tables: dict[str, str]) -> str:
    """The page with each table between its marks."""
    for name, body in tables.items():
        start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        if text.count(start) != 1 or text.count(end) != 1:
            raise SystemExit(f"the page must hold {start} and {end} once each")
        before, rest = text.split(start)
        text = before + start + "\n" + body + "\n" + end + rest.split(end)[1]
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sources", type=Path, required=True, help="the reference data folder")
    parser.add_argument("--into", type=Path, help="a page with a pair of marks for each table")
    given = parser.parse_args()
    tables = all_tables(Study.bundled(), given.sources)
    if given.into:
        given.into.write_text(put(given.into.read_text("utf-8"), tables), "utf-8")
    else:
        for name, body in tables.items():
            print(f"## {name}\n\n{body}\n")


if __name__ == "__main__":
    main()
