"""Names on a map: placed by importance, none over another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from corridor.drawing.canvas import Words
from corridor.schema.text import Text

Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom in units of the sheet."""


@dataclass(frozen=True)
class Label:
    """A name to be placed: over one of the points if `gap` is negative, else beside the first that has room.

    Attributes
    ----------
    words
        The name, in the language of the sheet.
    points
        Places it may be put at, the best first, in units of the sheet.
    size
        Type size in units of the sheet.
    rank
        The lower, the more important.
    gap
        Distance from the point to the name in units of the sheet.
    """

    words: str
    points: tuple[tuple[float, float], ...]
    size: float
    rank: int
    colour: str
    bold: bool = False
    gap: float = -1.0


@dataclass
class Room:
    """The part of a sheet that names may be put on, and what is taken of it.

    Attributes
    ----------
    edges
        The whole of it.
    taken
        Marks and names that no other name may cover.
    """

    edges: Rectangle
    taken: list[Rectangle] = field(default_factory=list)

    def place(self, label: Label, width: float) -> Rectangle | None:
        """The first free place of a label, taken from now on.

        Parameters
        ----------
        label
            The label.
        width
            Width of its words in units of the sheet.

        Returns
        -------
        tuple of float or None
            Left, top, right, bottom; None where there is no room, and the label is then not drawn.
        """
        height = label.size * 1.3
        for point in label.points:
            for left, top in _places(point, label.gap, width, height):
                box = (left, top, left + width, top + height)
                if self._free(box):
                    self.taken.append(box)
                    return box
        return None

    def written(self, label: Label, width: float, text: Text | None = None) -> Iterator[Words]:
        """A label at its first free place, if it has one; in the scripts of `text` where that is given."""
        if box := self.place(label, width):
            y, words = box[1] + label.size * 0.68, text or label.words
            yield Words(box[0], y, words, label.size, label.colour, bold=label.bold, halo=True)

    def _free(self, box: Rectangle) -> bool:
        left, top, right, bottom = self.edges
        if box[0] < left or box[1] < top or box[2] > right or box[3] > bottom:
            return False
        return not any(meet(box, other) for other in self.taken)


def meet(a: Rectangle, b: Rectangle) -> bool:
    """Whether two boxes share ground."""
    return a[0] < b[2] and a[2] > b[0] and a[1] < b[3] and a[3] > b[1]


def _places(
    point: tuple[float, float], gap: float, width: float, height: float
) -> Iterator[tuple[float, float]]:
    """Top left corners of the places about a point: over it, or right, left, above, below, then at the corners."""
    x, y = point
    if gap < 0:
        yield x - width / 2, y - height / 2
        return
    # in the order in which cartographers prefer them: a reader looks to the right of a point first
    yield x + gap, y - height / 2
    yield x - gap - width, y - height / 2
    yield x - width / 2, y - gap - height
    yield x - width / 2, y + gap
    for share in (0.8, 0.2):
        yield x - width * share, y - gap - height
        yield x - width * share, y + gap
    near = gap * 0.7
    for left in (x + near, x - near - width):
        yield left, y - near - height
        yield left, y + near


def ordered(labels: Sequence[Label]) -> list[Label]:
    """Labels as they are placed: the most important first, in a fixed order among equals."""
    # a place once taken stays taken, so the order decides which names are lost; equal ranks must not depend on the order of rows
    return sorted(labels, key=lambda label: (label.rank, label.words, label.points))
