"""Run times of the MTR against observed ones, by link, length and line, and against the source they are from.

In (below DIR): hk_journey_times/, hk_mtr_runtimes_harrywang/, hk_mtr_opendata/. Out: tables of docs/validation.md; the method
is in validate_times.py.
"""

from __future__ import annotations

import re
import statistics
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from hk_rail import OUTLIERS
from hk_rail_runs import station_codes
from hk_rail_stations import RUN_NAMES, load_json
from rail_evidence import LONG_LINK_M, TOP_KMH
from tables import NETWORK, kebab, read
from validation_figures import NOW, Link, Pair, rail_links, summary, table, track_m, worst

from corridor import Study

SHORT_WORKINGS = {
    "kwun-tong-ho-man-tin",
    "tung-chung-tsing-yi",
    "tseung-kwan-o-lohas-park-shuttle",
    "east-rail-sheung-shui",
}


def observed_times(src: Path) -> dict[str, dict[str, float]]:
    """Average seconds between stops, by operator's code of the two."""
    found: dict[str, dict[str, float]] = load_json(src / "hk_journey_times/times_all.json")
    return found


@dataclass(frozen=True)
class Seen:
    """A link with its observed average."""

    link: Link
    pair: Pair
    kmh: float
    named_outlier: bool


def seen_links(study: Study, src: Path) -> list[Seen]:
    """Links of the MTR that were observed."""
    codes, times = station_codes(src), observed_times(src)
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
    """Links against observed times, by line, with the worst."""
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
    network, codes = study.network(NOW).network, station_codes(src)
    seen = {
        (s.link.line_id, s.link.start, s.link.end): s for s in seen_links(study, src) if not s.named_outlier
    }
    rows, pairs = [], []
    for p in sorted(network.patterns, key=lambda p: p.pattern_id):
        if p.stops[0].station_id not in codes or p.pattern_id.rstrip("<>") in SHORT_WORKINGS:
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
    """Links against observed times, by length of track."""
    possible = [s for s in seen_links(study, src) if not s.named_outlier and s.kmh <= TOP_KMH]
    bounds = (0, 1000, 2000, LONG_LINK_M, 99_999)
    names = ("track below 1 km", "1 to 2 km", "2 to 4 km", "4 km and more")
    groups = [
        (name, [s.pair for s in possible if low <= s.link.length_m < high])
        for name, (low, high) in zip(names, pairwise(bounds), strict=True)
    ]
    source = source_runs_s()
    long = [
        Pair("", s.pair.ours_s + source.get((s.link.line_id, frozenset((s.link.start, s.link.end))), s.link.run_s) - s.link.run_s, s.pair.other_s)
        for s in possible
        if s.link.length_m >= LONG_LINK_M
    ]  # fmt: skip
    return summary([*groups, ("- as the source has them", long)], "s")


def source_runs_s() -> dict[tuple[str, frozenset[str]], float]:
    """Seconds that the source has for the links that were fitted, by line and stations, as the rows of the layer state."""
    lines = {r["pattern_id"]: r["line_id"] for r in read(NETWORK / "patterns_hk.csv")}
    rows = [r for r in read(NETWORK / "pattern_stops_hk.csv") if r["status"] == "existing"]
    found = {}
    for a, b in pairwise(rows):
        stated = re.search(r"([\d.]+) s in the source", a["source"])
        if stated and a["pattern_id"] == b["pattern_id"]:
            found[lines[a["pattern_id"]], frozenset((a["station_id"], b["station_id"]))] = float(stated[1])
    return found


def video_runs(src: Path, name: str) -> dict[tuple[str, str, str], float]:
    """(line, a, b) -> seconds of run as the source has them, names as in it; the filler of the last station left out."""
    found: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for line in load_json(src / "hk_mtr_runtimes_harrywang" / name):
        for branch in line["branches"]:
            for a, b in pairwise(branch["stations"]):
                found[line["name"], a["name"], b["name"]].append(float(a["run"]))
    return {k: statistics.mean(v) for k, v in found.items()}


def video_tables(study: Study, src: Path) -> str:
    """Three readings of the same links: the source off-peak and peak, averages of predictions; and ours; how the source follows length."""
    off, peak = video_runs(src, "mtr_offpeak_v9.json"), video_runs(src, "mtr_peak_v1.json")

    def key(k: tuple[str, str, str]) -> tuple[str, str]:
        a, b = (kebab(RUN_NAMES.get(x, x)) for x in k[1:])
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
    middle = np.percentile(ratio, [10, 50, 90])
    r = np.corrcoef([p.ours_s for p in off_peak], [p.other_s for p in off_peak])[0, 1]
    r_seen = np.corrcoef([off[k] for _, k in both], riding)[0, 1]
    return (
        summary(groups, "s")
        + f"\n\nPeak over off-peak: median {middle[1]:.2f}, 80 in 100 from {middle[0]:.2f} to {middle[2]:.2f}; correlation {r:.3f}. "
        f"Source against predictions: correlation {r_seen:.2f}. "
        f"Ours against the source: {sum(a == round(off[k]) for k, a in ours)} of {len(ours)} are the same to the second"
        + ".\n\n"
        + speed_table(study, src)
    )


def speed_table(study: Study, src: Path) -> str:
    """Run against length of track by line: the speed and constant of a straight line, its r, the top speed the source states."""
    listed = load_json(src / "hk_mtr_runtimes_harrywang" / "mtr_offpeak_v9.json")
    stated = {line["name"].lower(): 3.6 * line["max_speed"] for line in listed}
    network, source = study.network(NOW).network, source_runs_s()
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
