"""A sheet of 1600 by 900 units on which drawings are printed in one language; a unit is a pixel of the smallest picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache, partial
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, Patch, PathPatch
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox, TransformedBbox

from corridor.drawing import wrap
from corridor.drawing.canvas import HATCHES, Across, Box, Disc, Mark, Path, Ref, Words
from corridor.drawing.fonts import drawable, font
from corridor.drawing.labels import Rectangle
from corridor.schema.text import Lang, Text

WIDTH, HEIGHT = 1600.0, 900.0
DPI = 100.0
POINTS = 0.72
"""Points in a unit."""
LINE, BASE = 1.36, 1.02
"""From line to line, and from the top of a line to its baseline, in units of the type size."""
QUIET, PAPER = "#55534e", "#ffffff"
INK = "#1d1d1d"
Dashes = Literal["solid"] | tuple[float, tuple[float, ...]]
_SIDES: dict[Across, str] = {"start": "left", "middle": "center", "end": "right"}


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
        axes = self.figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, WIDTH)
        axes.set_ylim(HEIGHT, 0)
        axes.set_axis_off()
        return axes

    def say(self, words: Text | str) -> str:
        """The words in the language of the sheet."""
        return words.in_script(self.lang) if isinstance(words, Text) else words

    def width_of(self, words: Text | str, size: float, bold: bool = False) -> float:
        """How wide a line of words is, in units of the sheet.

        Parameters
        ----------
        words
            A text, of which the language of the sheet counts.
        size
            Type size in units of the sheet.
        bold
            Bold letters.
        """
        return _width_of(self.say(words), self.lang, size, bold)

    def lines(self, words: Text | str, size: float, width: float, bold: bool = False, most: int = 0) -> list[str]:  # fmt: skip
        """Words parted into lines.

        Parameters
        ----------
        words
            A text, of which the language of the sheet counts.
        size, width
            Type size, and width of the lines, in units of the sheet.
        bold
            Bold letters.
        most
            Lines at most, the last one cut with an ellipsis; 0 for any number.
        """
        return wrap.lines(self.say(words), width, partial(self.width_of, size=size, bold=bold), most)

    def write(
        self, x: float, y: float, words: Text | str, size: float, *, bold: bool = False, colour: str = INK, width: float = 0.0,
        most: int = 0, across: Across = "start", halo: bool = False, middle: bool = False,
    ) -> float:  # fmt: skip
        """Write words on the sheet.

        Parameters
        ----------
        x, y
            Where they begin (or their middle or end, by `across`), and their top.
        words
            A text, of which the language of the sheet is written.
        size
            Type size in units of the sheet.
        bold, colour, across, halo
            How they look.
        width
            Width of the lines; 0 for one line.
        most
            Lines at most, the last one cut with an ellipsis; 0 for any number.
        middle
            `y` is the middle of the lines instead of their top.

        Returns
        -------
        float
            Height at which the next words may begin.
        """
        lines = self.lines(words, size, width, bold, most) if width else [self.say(words)]
        y -= size * (LINE * (len(lines) - 1) / 2 + 0.68) if middle else 0
        look = font(self.lang, size, bold)
        for number, line in enumerate(lines):
            written = self.paper.text(
                # parse_math: a name with two dollar signs is no formula
                x, y + size * (BASE + LINE * number), drawable(line), fontproperties=look, color=colour,
                ha=_SIDES[across], va="baseline", parse_math=False, zorder=1,
            )  # fmt: skip
            if halo:
                written.set_path_effects([withStroke(linewidth=size * 0.26 * POINTS, foreground=PAPER)])
        return y + size * LINE * len(lines)

    def draw(
        self, *marks: Mark, left: float = 0, top: float = 0, scale: float = 1, clip: Rectangle | None = None
    ) -> None:
        """Print marks of a drawing; those that a page holds once (:class:`corridor.drawing.canvas.Ref`) are left out.

        Parameters
        ----------
        *marks
            From back to front.
        left, top
            Their origin, in units of the sheet.
        scale
            Units of the sheet in one of their pixels.
        clip
            Left, top, width and height within which shapes are seen; texts are not cut.
        """
        inside = TransformedBbox(Bbox.from_bounds(*clip), self.paper.transData) if clip else None
        for mark in marks:
            if isinstance(mark, Words):
                self.write(
                    left + mark.x * scale, top + mark.y * scale, mark.scripts, mark.size * scale, bold=mark.bold,
                    colour=mark.colour, width=mark.width * scale, most=mark.most, across=mark.across, halo=mark.halo, middle=True,
                )  # fmt: skip
            elif not isinstance(mark, Ref) and (patch := _patch(mark, left, top, scale)):
                patch.set(
                    **_look(mark, scale), zorder=1
                )  # as the texts: what comes later covers what was before
                self.paper.add_artist(patch)
                patch.set_clip_box(inside or self.paper.bbox)


@cache
def _pen() -> Any:
    renderer: Any = RendererAgg
    return renderer(int(WIDTH), int(HEIGHT), DPI)


@lru_cache(maxsize=8192)  # the figures of a comparison share their notes, and a letter takes 0.1 ms
def _width_of(words: str, lang: Lang, size: float, bold: bool) -> float:
    said, look = drawable(words), font(lang, size, bold)
    return float(_pen().get_text_width_height_descent(said, look, False)[0]) if said else 0.0


def _patch(mark: Path | Box | Disc, left: float, top: float, scale: float) -> Patch | None:
    """The shape of a mark, None where a path has no points."""
    match mark:
        case Disc():
            return Circle((left + mark.x * scale, top + mark.y * scale), mark.radius * scale)
        case Box():
            corner = (left + mark.x * scale, top + mark.y * scale)
            style = f"round,pad=0,rounding_size={mark.radius * scale}" if mark.radius else "square,pad=0"
            return FancyBboxPatch(corner, mark.width * scale, mark.height * scale, boxstyle=style)
    moved = [np.asarray(run, dtype=float) * scale + (left, top) for run in mark.runs]
    return PathPatch(outline(moved, mark.closed)) if moved else None


def _look(mark: Path | Box | Disc, scale: float) -> dict[str, Any]:
    """Colours, weight and hatching of a mark; the hatching has the colour of the edge."""
    edge = mark.stroke or (INK if mark.hatch else "")
    clear = len(mark.fill) > len("#rrggbb")  # the colour has an opacity of its own
    return {
        "facecolor": to_rgba(mark.fill, None if clear else mark.opacity) if mark.fill else "none",
        "edgecolor": to_rgba(edge, mark.opacity) if edge else "none",
        "linewidth": mark.weight * scale * POINTS if mark.stroke else 0,
        "linestyle": dashes(mark.dash, mark.weight),
        "hatch": HATCHES[mark.hatch].print if mark.hatch else None,
        "capstyle": "butt",
        "joinstyle": "round",
    }


def outline(runs: Sequence[Any], closed: bool) -> Outline:
    """Runs of points as one path.

    Parameters
    ----------
    runs
        (points, 2) each.
    closed
        Whether each is led back to where it began.
    """
    runs = [np.vstack([run, run[:1]]) for run in runs] if closed else runs
    starts = np.cumsum([0, *(len(run) for run in runs)])
    codes = np.full(starts[-1], Outline.LINETO, dtype=Outline.code_type)
    codes[starts[:-1]] = Outline.MOVETO
    if closed:
        codes[starts[1:] - 1] = Outline.CLOSEPOLY
    return Outline(np.concatenate(runs), codes)


def dashes(array: str, weight: float) -> Dashes:
    """A dash array as matplotlib takes it.

    Parameters
    ----------
    array
        Lengths of dashes and gaps in pixels, as in SVG; empty for a solid line.
    weight
        Width of the line in pixels: matplotlib counts dashes in widths of the line.
    """
    return (0.0, tuple(float(part) / weight for part in array.split())) if array else "solid"
