"""The charts of an ensemble: a difference with its quantiles, shares of ranks, what a difference depends on.

All fit a small screen: a page sets several side by side where there is room.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corridor.drawing.canvas import END, START, Axis, Box, Disc, Drawing, Mark, Words, line
from corridor.drawing.i18n import fill, t
from corridor.drawing.numbers import points
from corridor.drawing.palette import BETTER, INK, QUIET, WORSE, ZERO, sequential
from corridor.drawing.shares import compact
from corridor.schema.text import Text

WIDE = 340.0
"""The width of a chart, pixels: that of a small screen."""
FAN_WIDE, FAN_HIGH = 150.0, 16.0
MOST_RANKS = 6
"""Ranks with a colour of their own; those below share the last."""
THIN, THICK = 5.0, 11.0
"""Bars from 5 to 95 % and from 25 to 75 %."""
FIGURE = 44.0
"""Room for a figure beside a bar."""
SHORTEST = 0.09
"""Share of a bar in which its figure has room."""


def fan(quantiles: Sequence[float], extent: float, higher_is_better: bool, title: Text, said: Text, wide: float = FAN_WIDE) -> Drawing:  # fmt: skip
    """Draw a difference between two scenarios with its quantiles; to the right of zero the first is better.

    Parameters
    ----------
    quantiles
        At 5, 25, 50, 75 and 95 %, in the unit of the criterion.
    extent
        The largest difference either side of zero that the drawing holds, above 0.
    higher_is_better
        Of the criterion.
    title, said
        Title and description of the drawing.
    wide
        Its width, pixels.
    """
    axis = Axis((), -extent, extent, 3.0, wide - 6.0)
    ends = [axis.at(q if higher_is_better else -q) for q in quantiles]
    low, early, middle, late, high = ends if higher_is_better else reversed(ends)
    zero, y = axis.at(0.0), FAN_HIGH / 2
    marks: list[Mark] = [
        *_parted(low, high, zero, y, THIN, 1),
        *_parted(early, late, zero, y, THICK, 2),
        line(zero, 0, zero, FAN_HIGH, ZERO),
        Box(middle - 1.2, 0.5, 2.4, FAN_HIGH - 1, INK),
    ]
    return Drawing(title, said, wide, FAN_HIGH, marks)


def _parted(low: float, high: float, zero: float, y: float, tall: float, shade: int) -> Iterator[Box]:
    """A bar in the colour of better to the right of zero, of worse to its left."""
    if low < zero:
        yield Box(low, y - tall / 2, min(high, zero) - low, tall, WORSE[shade])
    if high > zero:
        start = max(low, zero)
        yield Box(start, y - tall / 2, high - start, tall, BETTER[shade])


def ranks(names: Sequence[Text], shares: Sequence[Sequence[float]], draws: int, title: Text, note: Text) -> Drawing:  # fmt: skip
    """Draw in what share of draws each scenario has each rank, as stacked bars.

    Parameters
    ----------
    names
        Of the scenarios, a bar each.
    shares
        For each scenario the share of ranks 1, 2 and so on; they sum to 1.
    draws
        How many draws they are shares of.
    title, note
        Title and description of the drawing.
    """
    row, head, count = 38.0, 34.0, len(names)
    shown = min(count, MOST_RANKS)
    colours = sequential(shown)[::-1]
    marks: list[Mark] = list(_key(shown, count, colours))
    for number, (name, of_ranks) in enumerate(zip(names, shares, strict=True)):
        y, x = head + row * number, 0.0
        marks.append(Words(0, y + 8, name, 11, width=WIDE, most=1))
        parts = [*of_ranks[: shown - 1], sum(of_ranks[shown - 1 :])]
        for rank, (part, colour) in enumerate(zip(parts, colours, strict=True)):
            wide = part * WIDE
            if wide > 0.05:
                marks.append(Box(x, y + 17, wide, 15, colour))
            if part >= SHORTEST:
                ink = "#fff" if rank < shown / 2 else INK
                marks.append(Words(x + wide / 2, y + 24.5, f"{compact(part, draws)}%", 10, ink, "middle"))
            x += wide
    return Drawing(title, note, WIDE, head + row * count, marks)


def _key(shown: int, count: int, colours: Sequence[str]) -> Iterator[Mark]:
    yield Words(0, 10, t("rank"), 10, QUIET)
    for rank, colour in enumerate(colours, 1):
        last = rank == shown and count > shown
        said = fill("ensemble_rank_more", rank=str(rank)) if last else Text(en=str(rank))
        x = 44.0 + 38.0 * (rank - 1)
        yield Box(x, 4, 12, 12, colour)
        yield Words(x + 17, 10, said, 10)


@dataclass(frozen=True)
class Lean:
    """How a difference in score follows one assumption.

    Attributes
    ----------
    name
        The assumption, with its rank correlation.
    low, high
        Mean difference in the draws with its lowest and with its highest tenth, value points.
    """

    name: Text
    low: float
    high: float


def tornado(leans: Sequence[Lean], mean: float, extent: tuple[float, float], title: Text, note: Text) -> Drawing:  # fmt: skip
    """Draw what a difference depends on, the strongest first.

    Parameters
    ----------
    leans
        Assumptions, a row each.
    mean
        Mean difference of all draws, value points.
    extent
        Least and greatest difference that the scale holds; zero is always in it.
    title, note
        Title and description of the drawing.
    """
    row, top = 38.0, 4.0
    bottom = top + row * len(leans)
    axis = Axis.over(min(extent[0], 0.0), max(extent[1], 0.0), FIGURE, WIDE - 2 * FIGURE, 4)
    marks: list[Mark] = [
        *axis.columns(top, bottom),
        line(axis.at(mean), top, axis.at(mean), bottom, QUIET, 1, "3 3"),
    ]
    for number, one in enumerate(leans):
        y = top + row * number
        a, b = axis.at(one.low), axis.at(one.high)
        marks.append(Words(0, y + 9, one.name, 10.5, width=WIDE, most=1, halo=True))
        marks += _parted(min(a, b), max(a, b), axis.at(0.0), y + 25, 10.0, 2)
        marks += [Disc(a, y + 25, 4, "#fff", INK, 1.6), Disc(b, y + 25, 4.6, INK)]
        for x, other, value in ((a, b, one.low), (b, a, one.high)):
            after = x > other or (x == other and value == one.high)
            shift, across = (8, START) if after else (-8, END)
            marks.append(Words(x + shift, y + 25, points(value), 9.5, across=across, halo=True))
    return Drawing(title, note, WIDE, bottom + 20, marks)
