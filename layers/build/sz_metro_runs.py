"""Run times and dwells of the Shenzhen metro. Called by sz_metro.py.

In (DIR/shenzhen_metro): shenzhen_run_minutes_by_segment.csv (minutes between stops, stops included, and track metres);
records/sz_line_16_links.csv. Out: stops of each line with seconds and metres.

The minutes are differences of whole minutes of first and last trains. Within a line a straight line is fitted (seconds = a + b
x metres) and each link is drawn towards it by empirical Bayes with a reading error of 15 s, then scaled so that the line keeps
its total (lines 3 and 12: the total of the last train, which is more than a minute longer than the sum of the minutes). No link
is faster than the line's top speed with a start and a stop allows. The dwell is an assumption, taken out of the total, not
added to it: the sum of runs and of the dwells of the stops between equals the total.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sz_metro_stations import ALIAS
from tables import Row, assumptions, read, record_rows

F64 = NDArray[np.float64]
Links = dict[tuple[str, frozenset[str]], tuple[float, float]]
"""By route and pair of stops: track metres, seconds between departures."""
BRAKING_M_S2 = 1.0  # start and stop: no link is faster than full speed with these
INTERCHANGE_DWELL_S = 5  # more where lines meet
SCALE_ABOVE_S = 60.0  # the last train's total is taken where the summed minutes are farther from it


def links(folder: Path) -> Links:
    """Links of all routes."""
    found = {}
    for r in read(folder / "shenzhen_run_minutes_by_segment.csv"):
        route = "2-8" if r["line"] in {"2", "8"} else r["line"]
        pair = frozenset(ALIAS.get(r[end], r[end]) for end in ("from", "to"))
        found[route, pair] = (float(r["track_m"]), 60 * float(r["min_incl_stop"]))
    for r in record_rows("sz_line_16_links"):
        found["16", frozenset((r["from_stop"], r["to_stop"]))] = (float(r["length_m"]), 60 * float(r["minutes"]))  # fmt: skip
    return found


def smooth(track_m: F64, seconds: F64, reading_error_s: float) -> F64:
    """Link times drawn towards a straight line over the track length, the sum kept (empirical Bayes)."""
    slope, offset = np.polyfit(track_m, seconds, 1)
    fit = offset + slope * track_m
    variance = float(np.sum((seconds - fit) ** 2)) / max(1, len(track_m) - 2)
    weight = max(0.0, variance - reading_error_s**2) / variance if variance > 0 else 0.0
    out = fit + weight * (seconds - fit)
    return np.asarray(out * (np.sum(seconds) / np.sum(out)))


def not_too_fast(seconds: F64, least: F64) -> F64:
    """Raise link times to the least possible ones; the others give what it takes, so that the sum stays."""
    out = seconds.copy()
    for _ in range(len(out)):
        low = out <= least
        spare = float(np.sum(seconds) - np.sum(least[low]))
        if low.all() or spare <= 0:
            raise SystemExit("the line's total is less than its least possible time")
        out = np.where(low, least, seconds * (spare / float(np.sum(seconds[~low]))))
        if np.all(out >= least - 1e-9):
            return out
    return out


def whole(values: F64) -> list[int]:
    """Whole seconds whose running sums stay within half a second of the given ones."""
    edges = np.rint(np.concatenate([[0.0], np.cumsum(values)])).astype(int)
    return [int(v) for v in np.diff(edges)]


def stops(line: Row, order: list[str], known: Links, interchange: set[str]) -> list[Row]:
    """Name, run_s, dwell_s and length_m of each stop of a line; run and length are to the next stop.

    `line` is its record in sz_lines.csv, `interchange` the stations where lines meet.
    """
    pairs = [known[str(line["route"]), frozenset(pair)] for pair in pairwise(order)]
    track_m, seconds = np.array([m for m, _ in pairs]), np.array([s for _, s in pairs])
    last_train_s = 60 * line["last_train_min"]
    if abs(float(np.sum(seconds)) - last_train_s) > SCALE_ABOVE_S:
        seconds = seconds * (last_train_s / float(np.sum(seconds)))
    dwell_s = [line["dwell_s"] + INTERCHANGE_DWELL_S * (name in interchange) for name in order]
    dwell_s[0] = dwell_s[-1] = 0  # nobody waits through a terminus
    halves = (np.array(dwell_s[:-1]) + np.array(dwell_s[1:])) / 2
    top_m_s = line["top_kmh"] / 3.6
    least = track_m / top_m_s + top_m_s / BRAKING_M_S2 + halves
    error_s = assumptions("sz")["szm-reading-error"]["value"]
    total_s = whole(not_too_fast(smooth(track_m, seconds, error_s), least))
    runs = whole(np.array(total_s) - halves)
    if sum(runs) + sum(dwell_s) != sum(total_s):
        raise SystemExit(f"line {line['route']}: {sum(runs) + sum(dwell_s)} s is not the total of {sum(total_s)} s")  # fmt: skip
    return [
        {"name": name, "run_s": run, "dwell_s": dwell, "length_m": length}
        for name, run, dwell, length in zip(
            order, [*runs, ""], dwell_s, [*(round(float(m)) for m in track_m), ""], strict=True
        )
    ]
