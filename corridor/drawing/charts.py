"""The charts: criteria with their ranges, gain against loss, access by hour, gain by district.

One colour for better (purple) and one for worse (orange); sign, position and shape say the same, so that nothing rests
on colour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.core.pareto import dominates
from corridor.drawing import palette
from corridor.drawing.canvas import END, START, Axis, Box, Disc, Drawing, Mark, Path, Point, Words, line
from corridor.drawing.compared import Compared, Criterion
from corridor.drawing.i18n import fill, t, term
from corridor.drawing.labels import Label, Room
from corridor.drawing.numbers import figure, signed
from corridor.drawing.palette import GAIN, INK, LOSS, QUIET, RANGE
from corridor.schema.text import Text

LABEL, ROW, HEAD, FOOT = 178.0, 27.0, 76.0, 20.0
LEAST_SPAN = {"ha": 0.1, "m": 10.0, "sites": 1.0, "min": 1.0}
"""The least that an axis of such a unit covers, so that what is next to nothing looks so."""
MOST_LINES = 12
Means = Mapping[str, Sequence[float]]
"""By scenario: the mean over residents at each hour."""
NONE = frozenset({"0", "≈ 0"})
"""Changes that have no bar."""


def _labels(compared: Compared, shown: Sequence[str], top: float, row: float = ROW) -> Iterator[Mark]:
    """The scenarios at the left of their rows, the reference in bold."""
    size = min(10.5, row * 0.78)
    lines = max(1, int(row / (size * 1.2)))
    for number, i in enumerate(shown):
        y, bold = top + row * (number + 0.5), i == compared.reference_id
        yield Words(0, y, compared.named(i), size, bold=bold, width=LABEL - 8, most=lines)


# --- criteria ----------------------------------------------------------------------------------------


def ranges(
    compared: Compared, criteria: Sequence[Criterion], shown: Sequence[str], title: Text, wide: float, row: float = ROW
) -> Drawing:  # fmt: skip
    """Draw criteria side by side, each scenario a bar from its low to its high case.

    Parameters
    ----------
    compared
        Scenarios with their titles.
    criteria
        A column each, `wide` pixels wide, with a scale of its own that need not start at zero: criteria differ in unit.
    shown
        Scenario ids, a row each, `row` pixels high.
    title
        What the drawing is called.
    """
    width, bottom = LABEL + wide * len(criteria), HEAD + row * len(shown)
    marks: list[Mark] = [line(0, HEAD + row * r, width, HEAD + row * r, "#eceae4") for r in range(len(shown))]
    marks += _labels(compared, shown, HEAD, row)
    for number, criterion in enumerate(criteria):
        marks += _range_column(criterion, shown, LABEL + wide * number, wide, row)
    return Drawing(title, t("ranges_note"), width, bottom + FOOT, marks)


def _range_column(
    one: Criterion, shown: Sequence[str], left: float, wide: float, row: float
) -> Iterator[Mark]:
    spans = {number: span for number, i in enumerate(shown) if (span := one.span(i))}
    if not spans:
        return
    low, high = min(s[0] for s in spans.values()), max(s[2] for s in spans.values())
    if high - low < LEAST_SPAN.get(one.unit, 1e-6):
        high = low + LEAST_SPAN.get(one.unit, 1.0)
    axis = Axis.over(low, high, left + 10, wide - 24, 3)
    said = fill("axis_higher" if one.higher_is_better else "axis_lower", unit=term("unit", one.unit))
    yield Words(left + 10, 29, one.title, 10.5, bold=True, width=wide - 18, most=4)
    yield Words(left + 10, 66, said, 9.5, QUIET, width=wide - 12, most=1)
    yield from axis.columns(HEAD, HEAD + row * len(shown))
    tall, size = min(8.0, row * 0.3), min(9.5, row * 0.48)
    for number, span in spans.items():
        y = HEAD + row * (number + 0.54)
        a, b, c = (axis.at(v) for v in span)
        early = b < left + wide * 0.6
        yield Box(a, y, max(c - a, 0.8), tall, RANGE)
        yield Box(b - 1.3, y - 2, 2.6, tall + 4, INK)
        x, across = (b - 2, START) if early else (b + 2, END)
        yield Words(x, y - size * 0.74, figure(span[1], one.unit), size, across=across)


# --- gain against loss -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """A scenario as a point: its gain (more is better) and its loss (less is better).

    Attributes
    ----------
    gain, loss
        Central values, in the units of the axes.
    counterfactual
        Whether nobody proposes it.
    gains, losses
        Low and high end of each, None where they are not known.
    """

    scenario_id: str
    gain: float
    loss: float
    counterfactual: bool
    figures: str = ""
    """Both as printed in the key."""
    gains: tuple[float, float] | None = None
    losses: tuple[float, float] | None = None


def beaten(choices: Sequence[Choice]) -> NDArray[np.bool_]:
    """Whether another one that somebody proposes dominates each (:func:`corridor.core.pareto.dominates`).

    Parameters
    ----------
    choices
        Points; only their central values are compared.

    Returns
    -------
    numpy.ndarray
        (choices,) booleans.
    """
    beats = dominates(np.array([(c.gain, -c.loss) for c in choices]).reshape(-1, 2))
    beats[[c.counterfactual for c in choices]] = False
    return np.asarray(beats.any(axis=0))


def pareto(compared: Compared, choices: Sequence[Choice], title: Text, note: Text, across: Text, up: Text, *, bottom: float = 350.0) -> Drawing:  # fmt: skip
    """Draw gain against loss; what another scenario dominates is hollow.

    Parameters
    ----------
    compared
        Scenarios with their titles.
    choices
        A point each. Counterfactual ones are triangles: nobody proposes them, so that they dominate nothing.
    title, note
        Title and description of the drawing.
    across, up
        Names of the axes: loss (less is better) and gain (more is better).
    bottom
        Where the axis of loss is, pixels from the top.
    """
    left, top, right, width = 64.0, 30.0, 660.0, 1100.0
    losses = [v for c in choices for v in (c.loss, *(c.losses or ()))]
    gains = [v for c in choices for v in (c.gain, *(c.gains or ()))]
    x = Axis.over(min(0, *losses), max(LEAST_SPAN["ha"], *losses), left, right - left, 5)
    y = Axis.over(min(0, *gains), max(1, *gains), bottom, top - bottom, 5)
    at = [(x.at(c.loss), y.at(c.gain)) for c in choices]
    lost = beaten(choices)
    best = sorted(p for p, c, b in zip(at, choices, lost, strict=True) if not (b or c.counterfactual))
    marks: list[Mark] = [*x.columns(top, bottom), *y.rows(left, right, sign="+")]
    if len(best) > 1:
        turns = [(b[0], a[1]) for a, b in pairwise(best)]
        stairs = [p for pair in zip(best, [*turns, best[-1]], strict=True) for p in pair]
        marks.append(Path((stairs,), GAIN, 1.4, "5 3"))
    marks += [Words(left, 10, up), Words((left + right) / 2, bottom + 32, across, across="middle")]
    for c, (px, py) in zip(choices, at, strict=True):
        if c.losses:
            marks.append(line(x.at(c.losses[0]), py, x.at(c.losses[1]), py, RANGE, 3))
        if c.gains:
            marks.append(line(px, y.at(c.gains[0]), px, y.at(c.gains[1]), RANGE, 3))
    room = Room((left - 20, 0, right + 20, bottom + 24), [(a - 6, b - 6, a + 6, b + 6) for a, b in at])
    for number, (choice, spot, hollow) in enumerate(zip(choices, at, lost, strict=True), 1):
        label, key = str(number), (right + 34, top + 12 + 31 * (number - 1))
        wide = 7.0 * len(label)
        box = room.place(Label(label, (spot,), 11, number, INK, gap=5), wide) or (spot[0] + 8, spot[1] - 14)
        state = t("pareto_beaten" if hollow else "pareto_best")
        marks += [
            _point(spot, choice, hollow),
            Words(box[0] + wide / 2, box[1] + 7, label, across="middle", bold=True),
            _point(key, choice, hollow),
            Words(key[0] + 14, key[1], label, bold=True),
            Words(key[0] + 32, key[1] - 5, compared.named(choice.scenario_id), width=374, most=1),
            Words(key[0] + 32, key[1] + 8, fill("dot_between", a=state, b=choice.figures), 9.5, QUIET),
        ]
    return Drawing(title, note, width, max(bottom + 50, top + 31 * len(choices) + 12), marks)


def _point(at: Point, choice: Choice, hollow: bool) -> Mark:
    x, y = at
    if choice.counterfactual:
        return Path((((x, y - 7), (x + 7, y + 5), (x - 7, y + 5)),), LOSS, 2, fill="#fff", closed=True)
    return Disc(x, y, 5.5, "#fff", QUIET, 2) if hollow else Disc(x, y, 6, GAIN, "#fff")


# --- hours -------------------------------------------------------------------------------------------


def two_hours(compared: Compared, hours: Sequence[str], means: Means, title: Text) -> Drawing:
    """Draw the means of two hours by scenario: two dots joined.

    Parameters
    ----------
    compared
        Scenarios with their titles.
    hours
        Two hours, HH:MM.
    means
        By scenario: jobs within reach of the mean resident at each hour.
    title
        Description of the drawing.
    """
    shown, top = list(means), 30.0
    every = [v for values in means.values() for v in values]
    axis = Axis.over(min(every), max(every), LABEL + 20, 560, 5)
    bottom = top + ROW * len(shown)
    marks: list[Mark] = [*_labels(compared, shown, top), *axis.columns(top, bottom)]

    def dot(x: float, y: float, number: int) -> Disc:
        return Disc(x, y, 5, "#fff", INK, 2) if number else Disc(x, y, 5.5, GAIN)

    for row, scenario_id in enumerate(shown):
        y, values = top + ROW * (row + 0.5), means[scenario_id]
        a, b = (axis.at(v) for v in values)
        marks.append(line(b, y, a, y, RANGE, 3))
        for number, (x, other, value) in enumerate(((a, b, values[0]), (b, a, values[1]))):
            after = x >= other if number == 0 else x > other
            shift, across = (10, START) if after else (-10, END)
            marks += [dot(x, y, number), Words(x + shift, y, figure(value, "jobs"), 10, across=across)]
    for number, hour in enumerate(hours):
        marks += [dot(LABEL + 26 + 80 * number, 12, number), Words(LABEL + 38 + 80 * number, 12, hour)]
    return Drawing(t("hours_title"), title, LABEL + 660, bottom + FOOT, marks)


def many_hours(compared: Compared, hours: Sequence[str], means: Means, title: Text) -> Drawing:
    """Draw the means of more hours by scenario: a line over the day, for the first twelve scenarios.

    Parameters
    ----------
    compared
        Scenarios with their titles.
    hours
        Hours, HH:MM; they need not be in order.
    means
        By scenario: the mean over residents at each hour.
    title
        Description of the drawing.
    """
    shown, left, right, top, bottom = list(means)[:MOST_LINES], 60.0, 560.0, 16.0, 300.0
    every = [v for i in shown for v in means[i]]
    up = Axis.over(min(every), max(every), bottom, top - bottom, 5)
    clock = [int(h[:2]) + int(h[3:5]) / 60 for h in hours]
    across = Axis((), min(clock), max(clock), left, right - left)
    marks: list[Mark] = [*up.rows(left, right)]
    for at, hour in zip(clock, hours, strict=True):
        marks.append(Words(across.at(at), bottom + 12, hour, 10, QUIET, "middle"))
    dashes = ("", "7 3", "2 3", "9 3 2 3")
    colours = (GAIN, palette.RAIL, palette.WARNING, INK)
    for number, i in enumerate(shown):
        colour, dash, y = colours[number % 4], dashes[number // 4 % 4], top + 6 + 22 * number
        points = sorted((across.at(c), up.at(v)) for c, v in zip(clock, means[i], strict=True))
        marks += [
            Path((points,), colour, 2, dash),
            line(right + 20, y, right + 46, y, colour, 2, dash),
            Words(right + 52, y, compared.named(i), 10.5, width=230, most=1),
        ]
    return Drawing(t("hours_title"), title, right + 290, bottom + 26, marks)


def hour_bars(table: pd.DataFrame, title: Text) -> Drawing:
    """Access hour by hour as bars, what closed control points take hatched above, how many are open below.

    `table` is that of ``corridor hours --out``: hour, jobs_60, lost_jobs_60, jobs_across_60, lost_jobs_across_60,
    open_control_points.
    """
    width, left, high = 1100.0, 64.0, 200.0
    step = (width - left) / len(table)
    legend = t("figure_hours_lost")
    sample = Box(width - 20, 1, 20, 11, "#fff", LOSS, hatch="up")
    marks: list[Mark] = [sample, Words(width - 26, 7, legend, 10, across="end")]
    for number, (column, key) in enumerate((("jobs_60", "jobs"), ("jobs_across_60", "other_side_jobs"))):
        top = 24 + number * (high + 48)
        values, lost = table[column].to_numpy(float), table[f"lost_{column}"].to_numpy(float)
        most = float((values + lost).max())
        up = Axis.over(0, max(most, 1.0), top + high, -high, 4)
        name = fill("measure_unit", measure=fill(f"figure_measure_{key}", minutes="60"), unit=t("unit_jobs"))
        marks += [Words(left, top - 14, name, bold=True), *up.rows(left, width)]
        for place, (value, gone, hour) in enumerate(zip(values, lost, table["hour"], strict=True)):
            x, y = left + (place + 0.14) * step, up.at(value)
            marks.append(Box(x, y, step * 0.72, up.start - y, GAIN))
            if gone > 0.002 * most:
                top_y = up.at(value + gone)
                marks.append(Box(x, top_y, step * 0.72, y - top_y, "#fff", LOSS, hatch="up"))
            marks.append(Words(x + step * 0.36, up.start + 10, str(hour), 9, QUIET, "middle"))
    strip = 2 * (high + 48) + 8
    marks.append(Words(left, strip, t("figure_hours_open"), 10, bold=True))
    for place, count in enumerate(table["open_control_points"]):
        marks.append(Words(left + (place + 0.5) * step, strip + 16, figure(count), 10, across="middle"))
    return Drawing(title, legend, width, strip + 28, marks)


# --- districts ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class District:
    """A district as a row of the chart, under the name of its side."""

    district_id: str
    name: Text
    side: Text


def districts(
    gains: pd.DataFrame, rows: Sequence[District], heads: Mapping[str, Text], extent: tuple[float, float], unit: str,
    title: Text, description: Text, wide: float,
) -> Drawing:  # fmt: skip
    """Draw the mean gain of each district as bars, all on one scale.

    Parameters
    ----------
    gains
        District (index) by scenario (columns), in `unit`.
    rows
        Districts in order, each under the name of its side.
    heads
        By scenario: what its column, `wide` pixels wide, is headed by; empty for no heading.
    extent
        Least and greatest gain that the scale holds.
    unit
        Unit of the gains, by which they are rounded.
    title, description
        Of the drawing.
    """
    label, high, head = 138.0, 17.0, 44.0 if any(text.en for text in heads.values()) else 4.0
    low, top = min(extent[0], 0.0), max(extent[1], 1.0)
    marks: list[Mark] = []
    y, middles = head, []
    for number, district in enumerate(rows):
        if number == 0 or district.side != rows[number - 1].side:
            marks.append(Words(0, y + 9, district.side, 10.5, bold=True))
            y += 18
        middles.append(y + high / 2)
        marks.append(Words(4, middles[-1], district.name, 10.5, width=label - 8, most=1))
        y += high
    for number, (scenario_id, name) in enumerate(heads.items()):
        axis = Axis.tight(low, top, label + wide * number + 6, wide - 50, 4)
        marks.append(Words(axis.start, 18, name, 10.5, bold=True, width=wide - 22, most=3))
        marks += axis.columns(head, y)
        zero = axis.at(0)
        for middle, district in zip(middles, rows, strict=True):
            gain = float(gains.loc[district.district_id, scenario_id])
            words, end = signed(gain, unit), axis.at(gain)
            if words not in NONE:
                box = min(zero, end), middle - 5, max(abs(end - zero), 0.7), 10
                marks.append(Box(*box, GAIN if gain > 0 else LOSS))
            short = wide < 200 and words not in NONE and abs(gain) >= 10_000
            said = ("+" if gain > 0 else "−") + f"{abs(gain) / 1000:,.0f}k" if short else words
            marks.append(Words(max(zero, end) + 3, middle, said, 9.5, QUIET if words in NONE else INK))
    return Drawing(title, description, label + wide * len(heads), y + FOOT, marks)
