"""Run times between MTR stations: those of the source, with links of 4 km and more corrected. Called by hk_rail.py.

In (below DIR): hk_mtr_runtimes_harrywang/ (computed seconds of run and dwell), hk_journey_times/ (observed averages),
hk_mtr_opendata/ (station codes); the rule and the evidence are in rail_evidence.py. Out: seconds by line and link.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from hk_rail_stations import RUN_NAMES, Stations, load_json
from rail_evidence import LONG_LINK_M, TOP_KMH, Run, published_runs
from rail_track import Track, link_length, split
from tables import assumptions, kebab, read, records

Key = tuple[str, str, str]
"""Line, station, next station."""
RUN_SOURCE = "run computed by the source 2026 (one top speed a line), weekday off-peak"
DWELL_S = 30  # where the source has none


@dataclass(frozen=True)
class LongLink:
    """A link of 4 km and more: its seconds as the source has them, and its metres."""

    line_id: str
    start: str
    end: str
    run_s: float
    length_m: float

    @property
    def keys(self) -> tuple[Key, Key]:
        """Both directions."""
        return (self.line_id, self.start, self.end), (self.line_id, self.end, self.start)


@dataclass
class Runs:
    """Seconds of run by link, in both directions; of dwell by line and station; the source of a run where it was corrected."""

    run_s: dict[Key, float] = field(default_factory=dict)
    dwell_s: dict[tuple[str, str], float] = field(default_factory=dict)
    corrected: dict[Key, str] = field(default_factory=dict)

    def correct(self, link: LongLink, seconds: float, source: str) -> None:
        """Give both directions of a link other seconds."""
        for key in link.keys:
            self.run_s[key] = seconds
            self.corrected[key] = f"run mtr-long-links: {source}; {link.run_s:g} s in the source"


def station_codes(src: Path) -> dict[str, str]:
    """The operator's three letters by station id."""
    rows = read(src / "hk_mtr_opendata/mtr_lines_and_stations.csv")
    return {kebab(r["English Name"]): r["Station Code"] for r in rows if r["Line Code"]}


def source_runs(src: Path) -> Runs:
    """Runs and dwells of the source; the filler run of the last station of each branch is not counted."""
    line_ids = {r["name_in_run_times"]: i for i, r in records("hk_rail_lines").items()}
    east_rail_dwell_s = assumptions("hk")["mtr-dwell-east-rail"]["value"]
    found = Runs()
    for line in load_json(src / "hk_mtr_runtimes_harrywang/mtr_offpeak_v9.json"):
        line_id = line_ids[line["name"]]
        collected = defaultdict(list)
        for branch in line["branches"]:
            stops = branch["stations"]
            ids = [kebab(RUN_NAMES.get(s["name"], s["name"])) for s in stops]
            for pair, s in zip(pairwise(ids), stops, strict=False):
                collected[pair].append(s["run"])
            for sid, s in zip(ids[1:-1], stops[1:-1], strict=True):
                found.dwell_s[line_id, sid] = east_rail_dwell_s if line_id == "east-rail" else s["dwell"]
        for (a, b), values in collected.items():
            found.run_s[line_id, a, b] = found.run_s[line_id, b, a] = round(statistics.mean(values))
    return found


def long_links(
    stations: Stations, track: Track, line_id: str, order: list[str], runs: Runs
) -> list[LongLink]:
    """The links of 4 km and more of one branch."""
    found = []
    for a, b in pairwise(order):
        length_m, _ = link_length(track, stations.lonlat(a), stations.lonlat(b))
        if length_m >= LONG_LINK_M:
            found.append(LongLink(line_id, a, b, runs.run_s[line_id, a, b], length_m))
    return found


def path_of(orders: list[list[str]], run: Run) -> list[str]:
    """The stations of a published run, in the order of its line."""
    for order in orders:
        if run.start in order and run.end in order:
            i, j = order.index(run.start), order.index(run.end)
            return order[i : j + 1] if i < j else order[j : i + 1][::-1]
    raise SystemExit(f"no branch of {run.line_id} goes from {run.start} to {run.end}")


def fit_long_links(
    src: Path, stations: Stations, orders: dict[str, list[str]], tracks: dict[str, Track], runs: Runs
) -> None:
    """Correct the runs of long links in place by the rule of rail_evidence.py."""
    line_ids = {r["code"]: i for i, r in records("hk_rail_lines").items() if r["mode"] == "metro"}
    by_line = defaultdict(list)
    for key, order in orders.items():
        by_line[line_ids[key.split("/")[0]]].append(order)
    track_of = {line_ids[code]: track for code, track in tracks.items()}
    long = {
        key: link
        for line_id, branches in by_line.items()
        for order in branches
        for link in long_links(stations, track_of[line_id], line_id, order, runs)
        for key in link.keys
    }
    covered: set[Key] = set()
    for run in (r for r in published_runs() if r.fits):
        fit(run, path_of(by_line[run.line_id], run), long, covered, runs)
    observe(src, {key: link for key, link in long.items() if key not in covered}, runs)


def fit(run: Run, path: list[str], long: dict[Key, LongLink], covered: set[Key], runs: Runs) -> None:
    """One factor on the long links of a published run that no run before it covers, so that its minutes are met."""
    links = [(run.line_id, a, b) for a, b in pairwise(path)]
    free = [key for key in links if key in long and key not in covered]
    total_s = sum(runs.run_s[k] for k in links) + sum(runs.dwell_s[run.line_id, s] for s in path[1:-1])
    target_s = 60 * run.nearest_min(total_s / 60)
    covered |= {key for k in links if k in long for key in long[k].keys}
    if abs(target_s - total_s) < 1 or not free:
        return
    before_s = sum(runs.run_s[k] for k in free)
    after_s = before_s + target_s - total_s
    print(
        f"{run.line_id} {run.start}-{run.end}: {total_s / 60:.1f} min, to {target_s / 60:.1f}: long links x {after_s / before_s:.3f}"
    )
    parts = split(after_s, [runs.run_s[k] for k in free])
    for key, seconds in zip(free, parts, strict=True):
        runs.correct(long[key], seconds, run.source)


def observe(src: Path, long: dict[Key, LongLink], runs: Runs) -> None:
    """Long links that no published run holds take the observed mean of both directions, where both are possible."""
    code = station_codes(src)
    observed = load_json(src / "hk_journey_times/times_all.json")
    for key, link in long.items():
        if key in runs.corrected:
            continue
        times = [
            observed.get(code[a], {}).get(code[b], math.inf) - runs.dwell_s.get((link.line_id, b), DWELL_S)
            for _, a, b in link.keys
        ]
        if all(3.6 * link.length_m / TOP_KMH <= t < 3 * link.run_s for t in times):
            runs.correct(link, round(statistics.mean(times)), "observed 2025-08, mean of both directions")
            print(f"{link.line_id} {link.start}-{link.end}: {link.run_s:g} s, observed {runs.run_s[key]:g}")
