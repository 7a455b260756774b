"""Records of Hong Kong's bus and minibus routes as the operators write them, and which of them run. Called by hk_bus.py.

In (below DIR): hk_bus_headways/{KMB,CTB,NLB,GMB,MTR_BUS}_Route.json. Out: records with stops, timetables, minutes, fares.
The method is in hk_bus.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from road_departures import DAY, WEDNESDAY, Window, mended
from road_routes import read_json

OPERATORS = ("KMB", "CTB", "NLB", "GMB", "MTR_BUS")
FEW_DEPARTURES, NO_BREAK_MIN, SHORT_WORKING = 7, 120.0, 0.6
BREAK_FROM, BREAK_TO, DAY_START = 90.0, 390.0, 300.0  # minutes after midnight
MENDED_ROUTES = {2009180, 2007438}  # 59S and 618
MENDED_CODES = {"road-59s": "headway", "road-618": "hours"}

Timetable = tuple[str, ...]
"""Name of an official timetable."""


def in_order(times: Iterable[float]) -> list[float]:
    """Departures of one service day in order, in minutes; see "Order of departures" in hk_bus.py."""
    clocks = sorted({t % DAY for t in times})
    if len(clocks) < 2:
        return [t + DAY if t < DAY_START - 120 else t for t in clocks]
    gaps = [(b - a, b) for a, b in pairwise([*clocks, clocks[0] + DAY])]
    night = [(gap, end % DAY) for gap, end in gaps if touches_night(end - gap, end)]
    gap, start = max(night, default=(0.0, 0.0))
    if gap <= NO_BREAK_MIN:
        start = DAY_START
    ordered = sorted(t if t >= start else t + DAY for t in clocks)
    inside = sum(DAY_START <= t < DAY_START + DAY for t in ordered)
    later = sum(DAY_START <= t + DAY < DAY_START + DAY for t in ordered)
    return [t + DAY for t in ordered] if later > inside else ordered


def touches_night(start: float, end: float) -> bool:
    """Whether a break touches 01:30 to 06:30, of this day or the next."""
    return any(start < BREAK_TO + k * DAY and end > BREAK_FROM + k * DAY for k in (0, 1))


def shared(a: float, b: float, start: float, end: float) -> float:
    """Minutes of the interval a to b in a period, whichever day it falls on."""
    return sum(max(0.0, min(b, end + k * DAY) - max(a, start + k * DAY)) for k in (-1, 0, 1))


def headway_s(times: Sequence[float], start: float, end: float) -> int | None:
    """Seconds between departures in a period (minutes after midnight); None where nothing departs."""
    count = sum(any(start <= t + k * DAY < end for k in (-1, 0, 1)) for t in times)
    if not count:
        return None
    length = end - start
    parts = [(shared(a, b, start, end), b - a) for a, b in pairwise(times)]
    parts = [(inside, gap) for inside, gap in parts if inside > 0]
    if len(times) < FEW_DEPARTURES or not parts or max(gap for _, gap in parts) > length:
        return round(60 * length / count)
    return round(60 * sum(p for p, _ in parts) / sum(p / gap for p, gap in parts))


@dataclass(frozen=True)
class Part:
    """One official timetable of a record: its name, minutes end to end, departures by day of the week, fares."""

    timetable: Timetable
    minutes: float
    windows: dict[int, list[Window]]
    fare_hkd: float
    sections: tuple[tuple[int, int, float], ...]  # first and last place (from 1), fare in HKD

    def departures(self, day: int = WEDNESDAY) -> list[float]:
        """Minutes after midnight."""
        return sorted({round(t, 2) for w in self.windows.get(day, []) for t in w.departures()})


@dataclass
class Record:
    """One route, direction and service type as an operator writes it."""

    operator: str
    route: str
    way: str
    service: str
    stops: list[str]
    parts: list[Part]
    codes: set[str] = field(default_factory=set)
    raw: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def pattern_id(self) -> str:
        """Operator, route (or its number), way, service type."""
        op = "mtr" if self.operator == "MTR_BUS" else self.operator.lower()
        number = self.raw.get("routeId") if self.operator in {"GMB", "NLB"} else self.route
        pieces = (op, *((self.route,) if self.operator == "NLB" else ()), number, self.way, self.service)
        return "-".join(str(p).lower() for p in pieces if p)

    def departures(self, day: int = WEDNESDAY) -> list[float]:
        """Minutes after midnight, of all its timetables."""
        return sorted({t for p in self.parts for t in p.departures(day)})

    @property
    def minutes(self) -> float:
        """End to end, of the timetable with most departures."""
        return self.most_run.minutes

    @property
    def most_run(self) -> Part:
        """The timetable with most departures."""
        return max(self.parts, key=lambda p: (len(p.departures()), p.minutes))


def windows_by_day(listed: dict[str, list[str]]) -> dict[int, list[Window]]:
    """Departure windows of each day of the week from lists by bit mask."""
    found: dict[int, list[Window]] = defaultdict(list)
    for mask, texts in listed.items():
        for bit in range(7):
            if int(mask) & (1 << bit):
                found[1 << bit] += [Window.read(t) for t in sorted(set(texts))]
    return dict(found)


def parts_of(operator: str, raw: dict[str, Any]) -> list[Part]:
    """The timetables of a record, each with minutes, windows and fares; faults of 59S and 618 mended."""
    lists = [part or {} for part in raw.get("freq") or []]
    minutes = str(raw.get("journeyTime") or "0").split("|")
    if operator == "GMB":
        names: list[Timetable] = [("GMB", str(raw["routeId"]), str(raw["routeSeq"]))]
    else:
        names = [tuple(map(str, key)) for key in raw.get("gtfsRouteKey") or []]
    fares = [fares_of(raw, i) for i in range(max(len(lists), 1))]
    if raw.get("routeId") in MENDED_ROUTES and operator == "GMB":
        return [Part(names[0], float(minutes[0]), {WEDNESDAY: mended(raw).windows}, *fares[0])]
    return [
        Part(names[i] if i < len(names) else (operator, raw["route"], str(i)), float(minutes[min(i, len(minutes) - 1)]), windows_by_day(listed), *fares[i])
        for i, listed in enumerate(lists)
    ]  # fmt: skip


def fares_of(raw: dict[str, Any], part: int) -> tuple[float, tuple[tuple[int, int, float], ...]]:
    """Full fare in HKD (NaN where none is stated) and the sections of one timetable of a record."""
    full = [float(f) for f in str(raw.get("fullFare") or "nan").split("|")]
    listed = raw.get("sectionFare") or []
    cells = (listed[part] if part < len(listed) else None) or []
    sections = tuple((int(cell["range"][0]), int(cell["range"][1]), float(cell["price"])) for cell in cells)
    whole = [price for first, last, price in sections if first == 1 and last == max(s[1] for s in sections)]
    return max(whole) if whole else full[min(part, len(full) - 1)], sections


def read_records(folder: Path) -> list[Record]:
    """All records of all operators."""
    records = []
    for operator in OPERATORS:
        for raw in read_json(folder, f"{operator}_Route"):
            way = str(raw.get("bound") or raw.get("routeSeq") or "")
            service = str(raw.get("service_type") or "")
            record = Record(
                operator,
                str(raw["route"]),
                way,
                service,
                [str(s) for s in raw["stops"]],
                parts_of(operator, raw),
                raw=raw,
            )
            if (
                operator == "GMB"
                and raw.get("routeId") in MENDED_ROUTES
                and (fault := mended(raw).assumption_id)
            ):
                record.codes.add(MENDED_CODES[fault])
            records.append(record)
    return records


def join_circles(records: list[Record]) -> int:
    """Make one record of a Citybus route out and back on one timetable; returns how many."""
    holders: dict[Timetable, list[Record]] = defaultdict(list)
    for record in records:
        for part in record.parts:
            if part.departures():
                holders[part.timetable].append(record)
    pairs: dict[tuple[str, str], tuple[Record, Record, set[Timetable]]] = {}
    for timetable, found in holders.items():
        if [r.operator for r in found] == ["CTB", "CTB"] and {r.way for r in found} == {"O", "I"}:
            out, back = sorted(found, key=lambda r: r.way, reverse=True)
            pairs.setdefault((out.pattern_id, back.pattern_id), (out, back, set()))[2].add(timetable)
    for out, back, shared_by in pairs.values():
        parts = [p for p in out.parts if p.timetable in shared_by]
        records.append(
            Record("CTB", out.route, "OI", out.service, chained(out.stops, back.stops), parts, raw=out.raw)
        )
        for record in (out, back):
            record.parts = [p for p in record.parts if p.timetable not in shared_by]
    return len(pairs)


def chained(out: list[str], back: list[str]) -> list[str]:
    """Two lists as one, without the stops that end the first and start the second."""
    n = next((n for n in range(min(len(out), len(back)) - 1, 0, -1) if out[-n:] == back[:n]), 0)
    return out + back[n:]


def one_timetable_each(records: Sequence[Record]) -> int:
    """Leave each timetable to one record; returns how many records lose some or all of theirs."""
    holder: dict[Timetable, int] = {}
    order = sorted(
        range(len(records)),
        key=lambda i: (len(records[i].parts), -len(records[i].departures()), -len(records[i].stops), i),
    )
    for i in order:
        for part in records[i].parts:
            if part.departures():
                holder.setdefault(part.timetable, i)
    touched = 0
    for i, record in enumerate(records):
        mine = [p for p in record.parts if holder.get(p.timetable, i) == i]
        touched += len(mine) < len(record.parts)
        record.parts = mine
    return touched


def drop_short_workings(record: Record) -> None:
    """Leave out timetables much shorter than the main one: they do not run along all stops."""
    running = [p for p in record.parts if p.departures()]
    if running:
        least = SHORT_WORKING * record.minutes
        if any(p.minutes < least for p in running):
            record.codes.add("short")
        record.parts = [p for p in running if p.minutes >= least]
