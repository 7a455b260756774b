"""A drawing as plain marks, whatever file it is for.

Charts, maps and long sections are made once as a :class:`Drawing`, in all three scripts. A page shows it as inline SVG
(:mod:`corridor.drawing.svg`); a picture prints it in one language (:meth:`corridor.drawing.sheet.Sheet.draw`).
Coordinates run right and down from the top left, in pixels of the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from corridor.drawing.palette import INK, QUIET, RULE, ZERO
from corridor.schema.text import Text

Point = tuple[float, float]
Across = Literal["start", "middle", "end"]
START: Across = "start"
END: Across = "end"


@dataclass(frozen=True)
class Words:
    """A text, its middle at height `y`; wrapped into at most `most` lines where a width is given.

    Attributes
    ----------
    x, y
        Where the text begins (or its middle or end, by `across`), and the middle of its lines; pixels.
    size
        Type size in pixels.
    width
        Pixels in which the text is wrapped; 0 for one line.
    most
        Lines at most; what does not fit ends in an ellipsis.
    halo
        Whether a light edge keeps it readable on a map.
    """

    x: float
    y: float
    text: Text | str
    size: float = 11
    colour: str = INK
    across: Across = "start"
    bold: bool = False
    italic: bool = False
    width: float = 0
    most: int = 2
    halo: bool = False
    note: Text | None = None
    """What a page shows when the pointer rests on the text."""

    @property
    def scripts(self) -> Text:
        """The text in its scripts; a plain string is the same in all."""
        return self.text if isinstance(self.text, Text) else Text(en=self.text)


@dataclass(frozen=True)
class Path:
    """Lines through points, or with a fill or `closed` the area within them; several runs are one shape with holes.

    Attributes
    ----------
    runs
        (points, 2) pixels each.
    stroke, fill
        Colours; empty for none.
    weight
        Width of the line in pixels.
    opacity
        0 (unseen) to 1.
    """

    runs: Sequence[Sequence[Point] | NDArray[np.float64]]
    stroke: str = ""
    weight: float = 1
    dash: str = ""
    """Lengths of dashes and gaps, as in SVG."""
    fill: str = ""
    closed: bool = False
    hatch: str = ""
    """A key of :data:`HATCHES`."""
    opacity: float = 1


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float
    fill: str = ""
    stroke: str = ""
    weight: float = 1
    dash: str = ""
    hatch: str = ""
    opacity: float = 1
    radius: float = 0


@dataclass(frozen=True)
class Disc:
    """A circle about a point."""

    x: float
    y: float
    radius: float
    fill: str = ""
    stroke: str = ""
    weight: float = 1
    dash: str = ""
    hatch: str = ""
    opacity: float = 1


@dataclass(frozen=True)
class Ref:
    """Marks that the page holds once, under an id; a picture has none."""

    name: str


Mark = Words | Path | Box | Disc | Ref


@dataclass(frozen=True)
class Drawing:
    """Marks from back to front, with what a reader who does not see them is given.

    Attributes
    ----------
    title, description
        For screen readers.
    width, height
        Natural size in pixels.
    marks
        From back to front.
    """

    title: Text
    description: Text
    width: float
    height: float
    marks: Sequence[Mark]


def line(x1: float, y1: float, x2: float, y2: float, stroke: str = INK, weight: float = 1, dash: str = "") -> Path:  # fmt: skip
    """A straight line."""
    return Path((((x1, y1), (x2, y2)),), stroke, weight, dash)


@dataclass(frozen=True)
class Hatch:
    """A tile that is repeated.

    Attributes
    ----------
    path
        SVG path data within the tile.
    size
        Width and height of the tile in pixels.
    weight
        Width of the stroke in pixels.
    print
        The nearest pattern of matplotlib, for figures.
    """

    path: str
    size: int
    weight: float
    print: str


HATCHES = {
    "up": Hatch("M0 8L8 0", 8, 1, "////"),
    "down": Hatch("M0 0L8 8", 8, 1, "\\\\\\\\"),
    "level": Hatch("M0 4h8", 8, 1, "----"),
    "cross": Hatch("M0 0L8 8M8 0L0 8", 8, 0.8, "xxxx"),
    "dots": Hatch("M2 2h1.4M6 6h1.4", 8, 1.4, "...."),
    "soft": Hatch("M0 12L12 0", 12, 0.8, "//"),
    "boundary": Hatch("M0 6L6 0", 6, 0.5, "//////"),
    "wetland": Hatch("M0 5q2 -3 4 0t4 0", 8, 1.1, "---"),
    "marine": Hatch("M0 2h8M0 6h8", 8, 0.7, "----"),
    "freshwater": Hatch("M0 3h4M4 7h4", 8, 0.9, "--"),
    "woodland": Hatch("M2 2h1.4M6 6h1.4", 8, 1.6, "...."),
    "farmland": Hatch("M2 0v8M6 0v8", 8, 0.8, "||||"),
    "open": Hatch("M0 10L10 0", 10, 0.6, "//"),
    "not_assessed": Hatch("M0 0L8 8M8 0L0 8", 8, 0.8, "xxxx"),
}
"""Hatchings of designations, of the boundary and of habitat groups."""


@dataclass(frozen=True)
class Axis:
    """A straight scale from values to pixels, with round marks inside it.

    Attributes
    ----------
    marks
        Values at which rules and numbers are drawn.
    low, high
        Values at the two ends.
    start
        Pixel of the low end.
    length
        Pixels from the low to the high end; negative for an axis that runs up the page.
    """

    marks: Sequence[float]
    low: float
    high: float
    start: float
    length: float

    @classmethod
    def over(cls, low: float, high: float, start: float, length: float, most: int = 4) -> Axis:
        """An axis whose round ends hold all values.

        Parameters
        ----------
        low, high
            Least and greatest value.
        start, length
            Pixel of the low end, and pixels to the high end; negative upwards.
        most
            Steps between marks, at most about so many.
        """
        marks = ticks(low, high, most)
        return cls(marks, marks[0], marks[-1], start, length)

    @classmethod
    def tight(cls, low: float, high: float, start: float, length: float, most: int = 4) -> Axis:
        """An axis that ends at the values themselves, with the round marks between them.

        Parameters
        ----------
        low, high
            Values at its ends.
        start, length
            Pixel of the low end, and pixels to the high end; negative upwards.
        most
            Steps between marks, at most about so many.
        """
        return cls([m for m in ticks(low, high, most) if low <= m <= high], low, high, start, length)

    def at(self, value: float) -> float:
        """The pixel of a value."""
        return self.start + self.length * (value - self.low) / (self.high - self.low)

    def columns(self, top: float, bottom: float) -> Iterator[Mark]:
        """Rules down the rows, numbers below; the outer numbers turn inwards, so that no column meets the next.

        Parameters
        ----------
        top, bottom
            Heights in pixels between which the rules run.
        """
        for m in self.marks:
            yield line(self.at(m), top, self.at(m), bottom, ZERO if m == 0 else RULE)
        written = self.marks[:: 1 if self.length / max(len(self.marks), 1) > 34 else 2]
        for m in written:
            x = self.at(m)
            across: Across = "middle"
            if self.length < 250 and m == written[-1] and self.start + self.length - x < 12:
                across = "end"
            elif self.length < 250 and m == written[0] and x - self.start < 12:
                across = "start"
            yield Words(x, bottom + 10, short(m), 10, QUIET, across)

    def rows(self, left: float, right: float, sign: str = "") -> Iterator[Mark]:
        """Rules across, numbers at their left.

        Parameters
        ----------
        left, right
            Pixels between which the rules run.
        sign
            Put before numbers above zero.
        """
        for m in self.marks:
            y = self.at(m)
            yield line(left, y, right, y, ZERO if m == 0 else RULE)
            yield Words(left - 6, y, (sign if m > 0 else "") + short(m), 10, QUIET, "end")


def ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Round numbers from at or below `low` to at or above `high`.

    Parameters
    ----------
    low, high
        Least and greatest value; where they are the same, a little is added.
    most
        Steps at most, about.

    Returns
    -------
    list of float
        Multiples of 1, 2, 2.5 or 5 times a power of ten; at least two.
    """
    if high - low <= abs(high) * 1e-6:
        high = low + max(abs(high) * 1e-6, 1e-9)
    found = MaxNLocator(most, steps=[1, 2, 2.5, 5, 10], min_n_ticks=1).tick_values(low, high)
    # + 0.0 turns minus zero into zero, which is written without a sign
    return [round(float(m), 10) + 0.0 for m in found]


def short(value: float) -> str:
    """A number on an axis: thousands as k and millions as M."""
    size = abs(value)
    for limit, mark in ((1e6, "M"), (1e3, "k")):
        if size >= limit:
            return f"{value / limit:.6g}{mark}".replace("-", "−")
    return f"{value:.6g}".replace("-", "−")


@dataclass
class Rows:
    """Rows for things side by side: each goes to the first row in which it covers no other.

    Attributes
    ----------
    most
        Rows at most.
    ends
        Where the last thing of each row ends.
    """

    most: int
    ends: list[float] = field(default_factory=list)

    def place(self, a: float, b: float) -> int:
        """The row of what takes a to b; the row that is free first where all are full.

        Things must come in order of `a`: a row remembers only where its last one ends.
        """
        row = next((r for r, end in enumerate(self.ends) if a >= end), len(self.ends))
        if row == self.most:
            row = min(range(self.most), key=self.ends.__getitem__)
        # a slice past the end appends: a new row begins so
        self.ends[row : row + 1] = [b]
        return row
