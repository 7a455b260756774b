"""Links of 4 km and more: published runs against ours and the source's, and every link against observed times.

In (below DIR): hk_journey_times/, hk_mtr_opendata/; records/rail_runs.csv. Out: tables of docs/validation.md; the rule is in
rail_evidence.py, the method in validate_times.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from hk_rail_runs import station_codes
from rail_evidence import LONG_LINK_M, TOP_KMH, Run, published_runs
from validate_rail import observed_times, source_runs_s
from validation_figures import NOW, SUMMARY_MIN, Pair, figures, rail_links, ride_s, table, track_m

from corridor import Study


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
    """Every published run of records/rail_runs.csv."""
    network, metres, source = study.network(NOW).network, track_m(study), source_runs_s()
    found = []
    for run in published_runs():
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
        published = f"{low:g}" if low == high else f"{low:g} to {high:g}"
        ours, source = (f"{e:+.1f}" if abs(e) >= 0.05 else "inside" for e in r.errors_min())
        rows.append((f"{names[r.run.start]} - {names[r.run.end]}", r.long, f"{r.source_min:.1f}", f"{r.ours_min:.1f}", published, source, ours, "fitted" if r.run.fits else "check", f"{r.run.source} ({r.run.confidence})"))  # fmt: skip
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
    network, source = study.network(NOW).network, source_runs_s()
    names = {s.station_id: s.names.en for s in network.stations.values()}
    codes, times = station_codes(src), observed_times(src)
    lines = {p.line_id for p in network.patterns if p.stops[0].station_id in codes}
    rows, possible, seen = [], 0, 0
    for link in rail_links(network, track_m(study), lines):
        if link.length_m < LONG_LINK_M or link.start > link.end:
            continue
        dwell_s = link.time_s - link.run_s
        both = [times.get(codes[a], {}).get(codes[b]) for a, b in ((link.start, link.end), (link.end, link.start))]  # fmt: skip
        run = [t - dwell_s if t else None for t in both]
        shown = [("-" if t is None else f"{t:.0f}" + ("" if 3.6 * link.length_m <= TOP_KMH * t else " (impossible)")) for t in run]  # fmt: skip
        seen += sum(t is not None for t in run)
        possible += sum(t is not None and 3.6 * link.length_m <= TOP_KMH * t for t in run)
        was = source.get((link.line_id, frozenset((link.start, link.end))), link.run_s)
        rows.append((f"{names[link.start]} - {names[link.end]} ({network.lines[link.line_id].names.en})", f"{link.length_m / 1000:.1f}", f"{was:.0f}", f"{link.run_s:.0f}", f"{3.6 * link.length_m / link.run_s:.0f}", *shown))  # fmt: skip
    head = ("link", "km", "source, s", "ours, s", "ours, km/h", "observed, s", "observed back, s")
    rest = f"Observed directions that a train of {TOP_KMH:.0f} km/h could run: {possible} of {seen}."
    return table(head, sorted(rows)) + "\n\n" + rest
