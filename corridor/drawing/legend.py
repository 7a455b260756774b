"""One scale a measure, the same for every scenario and both hours, and what each class looks like."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corridor.drawing import palette
from corridor.schema.measure import Measure
from corridor.schema.text import Text

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

    def value_classes(self, values: NDArray[np.float64]) -> list[str]:
        """The colour of each value.

        Parameters
        ----------
        values
            (zones,) values in the unit of the measure, NaN where they are not known.

        Returns
        -------
        list of str
            (zones,) ``#rrggbb``; grey where the value is not known.
        """
        return _coloured(np.digitize(values, self.breaks), self.colours, values)

    def change_classes(self, changes: NDArray[np.float64]) -> list[str]:
        """The colour of each change, symmetrical about little or none.

        Parameters
        ----------
        changes
            (zones,) changes in the unit of the measure, NaN where they are not known.

        Returns
        -------
        list of str
            (zones,) ``#rrggbb``; grey where the change is not known.
        """
        steps = np.digitize(np.abs(changes), self.change_breaks) * np.sign(np.nan_to_num(changes)).astype(int)
        return _coloured(len(self.change_breaks) + steps, self.change_colours, changes)

    def for_page(self) -> dict[str, Any]:
        """The scale as the map's script reads it."""
        return {
            "base": self.base, "title": self.title, "unit": self.unit,
            "better": 1 if self.higher_is_better else -1, "hours": self.hours,
            "breaks": list(self.breaks), "colours": list(self.colours),
            "changeBreaks": list(self.change_breaks), "changeColours": list(self.change_colours),
            "percentBreaks": list(PERCENT_CHANGES), "percentColours": list(self.percent_colours),
            "percentFrom": self.percent_from, "step": self.step,
        }  # fmt: skip


def _coloured(classes: NDArray[Any], colours: Sequence[str], values: NDArray[np.float64]) -> list[str]:
    known = np.isfinite(values)
    return [colours[c] if k else palette.NO_DATA for c, k in zip(classes.tolist(), known, strict=True)]


def scales(
    measures: Sequence[Measure], zone_values: Mapping[str, NDArray[Any]], reference_id: str, levels: int
) -> tuple[Scale, ...]:
    """Make a scale for each measure, the same for all scenarios and hours, so that colours compare.

    Parameters
    ----------
    measures
        What the rows of `zone_values` are.
    zone_values
        By scenario: shape (measure, zone), NaN where nothing is known or reached.
    reference_id
        The scenario that changes are measured against.
    levels
        Into how many steps the largest value is rounded on the page.

    Returns
    -------
    tuple of Scale
        Those of measures by cost first, as they are scored.
    """
    groups: dict[str, list[int]] = {}
    for at, measure in enumerate(measures):
        groups.setdefault(measure.base_id, []).append(at)
    # what is scored leads
    ordered = sorted(groups.values(), key=lambda rows: not measures[rows[0]].by_cost)
    blocks = {i: np.asarray(values, dtype=float) for i, values in zone_values.items()}
    return tuple(
        _scale(
            {measures[row].hour: row for row in rows},
            measures[rows[0]],
            [block[rows] for block in blocks.values()],
            blocks[reference_id][rows],
            levels,
        )
        for rows in ordered
    )


def _scale(
    hours: dict[str, int],
    first: Measure,
    blocks: list[NDArray[np.float64]],
    reference: NDArray[np.float64],
    levels: int,
) -> Scale:
    values, changes = _known(blocks), np.abs(_known(block - reference for block in blocks))
    minutes = bool(first.hub)
    breaks = _minute_breaks(values) if minutes else value_breaks(values)
    step = nice_step(float(values.max(initial=1.0)), levels, 0.1 if minutes else 1.0)
    coarse = _change_breaks(changes, minutes)
    change_breaks = tuple(b for b in coarse if b >= step) or coarse[-1:]  # no finer than what is rounded away
    turn = 1 if first.higher_is_better else -1
    return Scale(
        base=first.base_id,
        title=first.name,
        unit=first.unit,
        higher_is_better=first.higher_is_better,
        hours=hours,
        breaks=breaks,
        colours=palette.sequential(len(breaks) + 1)[::turn],
        change_breaks=change_breaks,
        change_colours=palette.diverging(len(change_breaks))[::turn],
        percent_colours=palette.diverging(len(PERCENT_CHANGES))[::turn],
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


def value_breaks(values: NDArray[np.float64]) -> tuple[float, ...]:
    """Round numbers that part the positive values into up to seven classes of about equal number.

    Parameters
    ----------
    values
        Values of all scenarios and hours, known ones only.

    Returns
    -------
    tuple of float
        Limits in rising order, up to six; 1 alone where no value is above zero.
    """
    counted = values[values > 0]
    if not len(counted):
        return (1.0,)
    shares = np.linspace(0, 1, _CLASSES + 1)[1:-1]
    return tuple(sorted({nice(float(q)) for q in np.quantile(counted, shares)}))


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


def nice(number: float) -> float:
    """The nearest round number: one of few leading figures times a power of ten.

    Parameters
    ----------
    number
        Above zero.
    """
    power = 10.0 ** math.floor(math.log10(number))
    best = min(_NICE, key=lambda lead: abs(lead - number / power))
    return float(round(best * power, 6))


def nice_step(largest: float, levels: int, least: float) -> float:
    """The smallest of 1, 2 or 5 times a power of ten that divides `largest` into at most `levels` steps.

    Parameters
    ----------
    largest
        The largest value.
    levels
        Steps at most.
    least
        The step is no smaller than this.
    """
    wanted = max(largest / levels, least)
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(round(f * power, 6) for f in (1, 2, 5, 10) if f * power >= wanted * (1 - 1e-9))
