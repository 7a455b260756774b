"""What the validation scripts share: comparisons, their figures and tables, and our own times. Printed by validate_times.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from tables import record_rows

from corridor import Study
from corridor.network.service import Network

NOW, SHENZHEN_NOW = "baseline-2024", "committed-2030"


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
        """How far ours is outside the published range; negative below it."""
        return ours_min - min(max(ours_min, self.low_min), self.high_min)


def published(table: str) -> list[tuple[str, Published]]:
    """The published times of a table of docs/validation.md (records/published_times.csv), each with its scenario."""
    return [
        (r["scenario"], Published(*(r[c] for c in ("from_to", "line_id", "start", "end", "low_min", "high_min", "use", "source"))))
        for r in record_rows("published_times")
        if r["table"] == table
    ]  # fmt: skip


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
    """Neighbouring stations of some lines, each direction."""
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
    """The comparisons farthest apart."""
    return sorted(pairs, key=lambda p: (-abs(p.error_s), p.where))[:count]


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(str(c) for c in row) + " |" for row in rows)])


def cells(text: str) -> list[list[str]]:
    """The cells of a table in Markdown, heading first."""
    lines = text.splitlines()
    return [line.removeprefix("| ").removesuffix(" |").split(" | ") for line in (lines[0], *lines[2:])]


SUMMARY_MIN = ("what", "n", "mean error, min", "mean absolute error, min", "90 in 100 within, min")
SUMMARY = ("what", "n", "mean error", "mean absolute error", "90 in 100 within")


def summary(groups: Sequence[tuple[str, Sequence[Pair]]], unit: str) -> str:
    """One row for each group that is not empty."""
    head = (SUMMARY[0], SUMMARY[1], *(f"{h}, {unit}" for h in SUMMARY[2:]), "of the time")
    return table(
        head, [(name, *figures(pairs, 60.0 if unit == "min" else 1.0)) for name, pairs in groups if pairs]
    )


def published_rows(study: Study, listed: Iterable[tuple[str, Published]]) -> str:
    """Ours beside published times, each with its scenario."""
    rows = []
    for scenario, p in listed:
        ours = ride_s(study.network(scenario).network, p.line_id, p.start, p.end) / 60
        error = p.error_min(ours)
        shown = "inside" if p.low_min < p.high_min and abs(error) < 0.05 else f"{error:+.1f}"
        rows.append((p.where, f"{ours:.1f}", p.text, shown, p.use, p.source))
    return table(("from - to", "ours, min", "published, min", "error", "to the layers it is", "source"), rows)


def pairs_of(study: Study, listed: Iterable[tuple[str, Published]]) -> list[Pair]:
    """Errors against ranges count from the nearer end of the range."""
    found = []
    for scenario, p in listed:
        ours = ride_s(study.network(scenario).network, p.line_id, p.start, p.end)
        found.append(Pair(p.where, ours, ours - 60 * p.error_min(ours / 60), p.use, p.source))
    return found
