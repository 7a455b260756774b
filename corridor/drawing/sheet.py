"""A sheet of 1600 by 900 units to draw on, measured from its top left; a unit is a pixel of the smallest picture."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Polygon, Rectangle
from matplotlib.patheffects import withStroke

from corridor.drawing.fonts import drawable, font
from corridor.schema.text import Lang, Text

WIDTH, HEIGHT = 1600.0, 900.0
DPI = 100.0
POINTS = 0.72
"""Points in a unit."""
INK, QUIET, PAPER, RULE = "#1d1d1d", "#55534e", "#ffffff", "#d9d6cf"
Dashes = Literal["solid"] | tuple[float, tuple[float, ...]]
Colour = str | tuple[float, float, float, float]
_NOT_FIRST = set("，。、；：！？）》」』”’%％,.;:!?)]")
_NOT_LAST = set("（《「『“‘([")


@dataclass(frozen=True)
class Sheet:
    """One figure in one language."""

    lang: Lang

    @cached_property
    def figure(self) -> Figure:
        """The picture, 16 by 9 inches."""
        return Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=PAPER)

    @cached_property
    def paper(self) -> Axes:
        """The whole sheet; its units run right and down."""
        axes = self.figure.add_axes((0, 0, 1, 1), zorder=5)
        axes.set_xlim(0, WIDTH)
        axes.set_ylim(HEIGHT, 0)
        axes.set_axis_off()
        return axes

    @cached_property
    def _pen(self) -> Any:
        renderer: Any = RendererAgg
        return renderer(int(WIDTH), int(HEIGHT), DPI)

    def frame(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes over a rectangle of the sheet."""
        box = (left / WIDTH, 1 - (top + height) / HEIGHT, width / WIDTH, height / HEIGHT)
        return self.figure.add_axes(box, zorder=2)

    def say(self, words: Text) -> str:
        """The words in the language of the sheet."""
        return words.in_script(self.lang)

    def width_of(self, words: str, size: float, bold: bool = False) -> float:
        """How wide a line of words is."""
        if not words:
            return 0.0
        wide, _, _ = self._pen.get_text_width_height_descent(
            drawable(words), font(self.lang, size, bold), False
        )
        return float(wide)

    def lines(self, words: str, size: float, width: float, bold: bool = False) -> list[str]:
        """Words parted into lines no wider than `width`, between words or Chinese characters."""
        done: list[str] = []
        line = ""
        for piece in _pieces(words):
            if line and self.width_of((line + piece).rstrip(), size, bold) > width:
                done.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
        return [*done, line.rstrip()] if line.strip() else done

    def write(
        self, x: float, y: float, words: str, size: float, *, bold: bool = False, colour: str = INK,
        across: str = "left", width: float = 0.0, most: int = 0, halo: bool = False,
    ) -> float:  # fmt: skip
        """Write words with their top at `y`, in lines of `width` if given, and say where the next may begin.

        `most` lines are written at most; the last of them then ends in an ellipsis.
        """
        lines = self.lines(words, size, width, bold) if width else [words]
        if most and len(lines) > most:
            lines = [*lines[: most - 1], self.cut("".join(_spaced(lines[most - 1 :])), size, width, bold)]
        for number, line in enumerate(lines):
            baseline = y + size * (1.02 + 1.36 * number)
            written = self.paper.text(
                x, baseline, drawable(line), fontproperties=font(self.lang, size, bold), color=colour, ha=across,
                va="baseline", parse_math=False,
            )  # fmt: skip
            if halo:
                written.set_path_effects([withStroke(linewidth=size * 0.26 * POINTS, foreground=PAPER)])
        return y + size * 1.36 * len(lines)

    def cut(self, words: str, size: float, width: float, bold: bool = False) -> str:
        """The words, cut short with an ellipsis where they are wider than `width`."""
        if self.width_of(words, size, bold) <= width:
            return words
        fits = bisect_right(
            range(len(words)),
            width,
            key=lambda last: self.width_of(words[: last + 1].rstrip() + "…", size, bold),
        )
        return words[:fits].rstrip() + "…"

    def box(self, x: float, y: float, width: float, height: float, colour: Colour, edge: Colour = "none", hatch: str = "") -> None:  # fmt: skip
        """A filled rectangle."""
        self.paper.add_patch(Rectangle((x, y), width, height, facecolor=colour, edgecolor=edge, linewidth=0.8 * POINTS, hatch=hatch or None))  # fmt: skip

    def disc(self, x: float, y: float, radius: float, colour: Colour, edge: Colour, weight: float) -> None:
        """A circle about a point."""
        self.paper.add_patch(
            Circle((x, y), radius, facecolor=colour, edgecolor=edge, linewidth=weight * POINTS)
        )

    def stroke(
        self, xs: tuple[float, ...], ys: tuple[float, ...], colour: Colour, weight: float, dash: str = ""
    ) -> None:
        """A line through points, dashed as an SVG dash array says."""
        self.paper.add_line(Line2D(xs, ys, color=colour, linewidth=weight * POINTS, linestyle=dashes(dash, weight), solid_capstyle="butt", dash_capstyle="butt"))  # fmt: skip

    def shape(self, corners: list[tuple[float, float]], colour: str) -> None:
        """A filled polygon."""
        self.paper.add_patch(Polygon(corners, closed=True, facecolor=colour, edgecolor="none"))


def dashes(array: str, weight: float) -> Dashes:
    """An SVG dash array in pixels as the drawing library takes it: in widths of the line."""
    return (0.0, tuple(float(part) / weight for part in array.split())) if array else "solid"


def _pieces(words: str) -> list[str]:
    """Where a line may break: after a space, a hyphen or a dash, and around Chinese characters but for their points."""
    pieces: list[str] = []
    for char in " ".join(words.split()):
        wide = unicodedata.east_asian_width(char) in "WF"
        before = pieces[-1][-1] if pieces else ""
        breaks = before in " -–/" or wide or (before and unicodedata.east_asian_width(before) in "WF")
        if pieces and (not breaks or char in _NOT_FIRST or char == " " or before in _NOT_LAST):
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def _spaced(lines: list[str]) -> list[str]:
    """Lines to be joined again, with the space that parting them took."""
    return [line + (" " if line and line[-1].isascii() else "") for line in lines]
