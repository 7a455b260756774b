"""One scale a measure, the same for every scenario and both hours, and what each class looks like."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corridor.drawing import palette
from corridor.drawing.i18n import triple
from corridor.schema.text import Text
from corridor.study.comparison import Comparison

MINUTES = (15.0, 30.0, 45.0, 60.0, 90.0, 120.0)
MINUTE_CHANGES = (2.0, 10.0, 20.0, 40.0)
PERCENT_CHANGES = (2.0, 10.0, 25.0, 50.0)
LEAST_BASE = 1_000.0
"""Jobs or residents in the reference below which a percentage would mislead; at least LEAST_STEPS steps of the page."""
LEAST_BASE_MIN = 10.0
LEAST_STEPS = 20
_NICE = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_CLASSES = 7


@dataclass(frozen=True)
class Scale:
    """How one measure is coloured at every hour.

    ``breaks`` part the values into ``colours`` (low to high), ``change_breaks`` part the size of the change,
    from zero outwards, into ``change_colours`` (largest fall to largest rise). ``step`` is what values are
    rounded to on the page. All in the unit of the measure. ``percent_colours`` go with :data:`PERCENT_CHANGES`;
    a zone gets a percentage where its reference is ``percent_from`` or more.
    """

    base: str
    title: Text
    unit: Text
    higher_is_better: bool
    hours: dict[str, int]
    breaks: tuple[float, ...]
    colours: tuple[str, ...]
    change_breaks: tuple[float, ...]
    change_colours: tuple[str, ...]
    percent_colours: tuple[str, ...]
    percent_from: float
    step: float

    def for_page(self) -> dict[str, Any]:
        """The scale as the map's script reads it."""
        return {
            "base": self.base, "title": triple(self.title), "unit": triple(self.unit),
            "better": 1 if self.higher_is_better else -1, "hours": self.hours,
            "breaks": list(self.breaks), "colours": list(self.colours),
            "changeBreaks": list(self.change_breaks), "changeColours": list(self.change_colours),
            "percentBreaks": list(PERCENT_CHANGES), "percentColours": list(self.percent_colours),
            "percentFrom": self.percent_from, "step": self.step,
        }  # fmt: skip


def scales(comparison: Comparison, levels: int) -> tuple[Scale, ...]:
    """A scale for each measure, its hours together, rounded to at most `levels` steps on the page."""
    groups: dict[str, list[int]] = {}
    for at, measure in enumerate(comparison.measures):
        groups.setdefault(measure.base_id, []).append(at)
    ordered = sorted(
        groups.values(), key=lambda rows: not comparison.measures[rows[0]].by_cost
    )  # what is scored leads
    return tuple(_scale(comparison, rows, levels) for rows in ordered)


def _scale(comparison: Comparison, rows: list[int], levels: int) -> Scale:
    first = comparison.measures[rows[0]]
    reference = np.asarray(comparison.zone_values[comparison.reference_id], dtype=float)[rows]
    blocks = [np.asarray(comparison.zone_values[s], dtype=float)[rows] for s in comparison.results]
    values = _known(blocks)
    changes = np.abs(_known(block - reference for block in blocks))
    minutes = bool(first.hub)
    breaks = _minute_breaks(values) if minutes else _value_breaks(values)
    colours = palette.sequential(len(breaks) + 1)
    percent_colours = palette.diverging(len(PERCENT_CHANGES))
    better = first.higher_is_better
    step = nice_step(float(values.max(initial=1.0)), levels, 0.1 if minutes else 1.0)
    coarse = _change_breaks(changes, minutes)
    change_breaks = (
        tuple(b for b in coarse if b >= step) or coarse[-1:]
    )  # no class finer than what is rounded away
    change_colours = palette.diverging(len(change_breaks))
    return Scale(
        base=first.base_id,
        title=first.name,
        unit=first.unit,
        higher_is_better=better,
        hours={comparison.measures[row].hour: row for row in rows},
        breaks=breaks,
        colours=colours if better else colours[::-1],
        change_breaks=change_breaks,
        change_colours=change_colours if better else change_colours[::-1],
        percent_colours=percent_colours if better else percent_colours[::-1],
        percent_from=max(LEAST_BASE_MIN if minutes else LEAST_BASE, LEAST_STEPS * step),
        step=step,
    )


def _known(blocks: Iterable[NDArray[Any]]) -> NDArray[np.float64]:
    flat = np.concatenate([np.ravel(block) for block in blocks])
    return np.asarray(flat[np.isfinite(flat)], dtype=np.float64)


def _minute_breaks(values: NDArray[np.float64]) -> tuple[float, ...]:
    if not len(values):
        return MINUTES[:1]
    low, high = float(values.min()), float(values.max())
    return tuple(b for b in MINUTES if low < b < high) or (nice(high),)


def _value_breaks(values: NDArray[np.float64]) -> tuple[float, ...]:
    counted = values[values > 0]
    if not len(counted):
        return (1.0,)
    shares = np.linspace(0, 1, _CLASSES + 1)[1:-1]
    return _rising(np.quantile(counted, shares)) or (nice(float(counted.max())),)


def _change_breaks(sizes: NDArray[np.float64], minutes: bool) -> tuple[float, ...]:
    """Up to four sizes of change, each some times the one before, so that small gains show beside large ones.

    What is under the first counts as little or none. Minutes have fixed sizes, all else powers of ten.
    """
    moved = sizes[sizes > (1.0 if minutes else 0.0)]
    if not len(moved):
        return (1.0,)
    largest = float(np.quantile(moved, 0.98))
    if minutes:
        return tuple(b for b in MINUTE_CHANGES if b <= largest) or MINUTE_CHANGES[:1]
    top = math.floor(math.log10(max(largest, 1.0)) + 1e-9)
    return tuple(10.0**power for power in range(max(top - 3, 0), top + 1))


def _rising(numbers: Sequence[float] | NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(sorted({nice(float(n)) for n in numbers if n > 0}))


def nice(number: float) -> float:
    """The nearest round number: one of few leading figures times a power of ten."""
    power = 10.0 ** math.floor(math.log10(number))
    best = min(_NICE, key=lambda lead: abs(lead - number / power))
    return float(round(best * power, 6))


def nice_step(largest: float, levels: int, least: float) -> float:
    """The smallest of 1, 2 or 5 times a power of ten that divides `largest` into at most `levels` steps."""
    wanted = max(largest / levels, least)
    power = 10.0 ** math.floor(math.log10(wanted))
    for factor in (1, 2, 5, 10):
        if factor * power >= wanted * (1 - 1e-9):
            step = factor * power
            return round(step, 6) if step < 1 else float(round(step))
    return 10 * power
