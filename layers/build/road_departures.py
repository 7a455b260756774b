"""Departures of buses, coaches and ferries from the operators' timetables: windows, periods, headways, clock times.

In: windows as DATA.GOV.HK writes them ("05:35:00|07:05:00|900" or "0710"), by bit mask of the days of the week. Out: minutes
after midnight, seconds of headway by period. Read by road_feeders.py, hk_bus.py, ferries.py and fares.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from network_tables import PERIODS

WEDNESDAY, SUNDAY = 4, 64  # service ids are bit masks: 1 Monday, 2 Tuesday, 4 Wednesday, ...
DAY = 1440.0
ALONE_MIN = 60.0  # any headway: a window that ends where it starts has one departure


def minute(text: str) -> float:
    """Minutes after midnight of HH:MM:SS, HH:MM or HHMM."""
    parts = text.split(":") if ":" in text else [text[:2], text[2:]]
    return 60 * int(parts[0]) + int(parts[1]) + (int(parts[2]) / 60 if len(parts) > 2 else 0)


def clock(t: float) -> str:
    """HH:MM of minutes after midnight."""
    return f"{int(t) // 60:02d}:{int(t) % 60:02d}"


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
            return cls.alone(minute(parts[0]))
        return cls(minute(parts[0]), minute(parts[1]), float(parts[2]) / 60)

    @classmethod
    def alone(cls, start: float) -> Window:
        """One departure."""
        return cls(start, start, ALONE_MIN)

    def departures(self) -> Iterator[float]:
        """Minutes after midnight."""
        yield self.start
        n = 1
        while self.start + n * self.headway < self.end - 1e-6:
            yield self.start + n * self.headway
            n += 1


def windows_of(route: dict[str, Any], day: int = WEDNESDAY) -> list[Window]:
    """Departure windows of a route as an operator writes it, on a day of the week."""
    freq = route.get("freq") or []
    parts = [part for part in (freq if isinstance(freq, list) else [freq]) if part]
    texts = {text for part in parts for mask, listed in part.items() if int(mask) & day for text in listed}
    return [Window.read(text) for text in sorted(texts)]


def departures(windows: Iterable[Window], night: bool) -> list[float]:
    """Departures in the order of the service day; a night route's small hours come after its evening."""
    times = {round(t, 2) for w in windows for t in w.departures()}
    return sorted(t + DAY if night and t < DAY / 2 else t for t in times)


def period_of(t: float) -> str:
    """The period of a departure; the service day starts at 05:00."""
    time = t % DAY
    time = time + DAY if time < 300 else time
    return next(name for name, (a, b) in PERIODS.items() if a <= time < b)


def headways_s(times: Sequence[float]) -> dict[str, int]:
    """Mean seconds since the departure before, over the departures of each period."""
    gaps: dict[str, list[float]] = {}
    for before, t in pairwise(times):
        gaps.setdefault(period_of(t), []).append(t - before)
    gaps.setdefault(period_of(times[0]), [times[1] - times[0]])
    return {name: round(60 * sum(g) / len(g)) for name, g in gaps.items()}


@dataclass(frozen=True)
class Mended:
    """Windows with known faults mended; the assumption used ("" where none), periods it touches, whether the hours too."""

    windows: list[Window]
    assumption_id: str = ""
    periods: frozenset[str] = frozenset()
    hours: bool = False


FAULT_ENDS = 13 * 60.0  # the table of 618 back ends before this
ASSUMED_59S_MIN = 10.0


def mended(route: dict[str, Any]) -> Mended:
    """The windows of a working day, with the faults of 59S and of 618 back mended (assumptions road-59s, road-618)."""
    windows = windows_of(route)
    if route["route"] == "59S":
        short = [w for w in windows if w.headway <= 3 and w.end > w.start]
        touched = frozenset(period_of(t) for w in short for t in w.departures())
        longer = [Window(w.start, w.end, ASSUMED_59S_MIN) if w in short else w for w in windows]
        return Mended(longer, "road-59s", touched)
    if route["route"] == "618" and (end := max(w.end for w in windows)) <= FAULT_ENDS:
        sunday = [Window(max(w.start, end), w.end, w.headway) for w in windows_of(route, SUNDAY) if w.end > end]  # fmt: skip
        touched = frozenset(period_of(t) for w in sunday for t in w.departures())
        return Mended(windows + sunday, "road-618", touched, hours=True)
    return Mended(windows)
