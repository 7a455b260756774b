"""Small maps of scenarios: one ground, zones by class, lines by status, names where there is room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from corridor.drawing import map_marks, palette
from corridor.drawing.canvas import Box, Disc, Mark, Ref
from corridor.drawing.ground import Ground
from corridor.drawing.labels import Label, Room, ordered
from corridor.drawing.map_marks import Line, View, by_colour
from corridor.drawing.wrap import widest
from corridor.schema.rows import number_of, row_name, rows_of
from corridor.schema.text import Text

WIDTH, HEIGHT = 320.0, 214.0
MARGIN_M = 7_000.0
COAST_FINE, LINE_FINE = 0.9, 0.65
THICK = 0.75
"""Lines against those of the large map."""
NAME = 8.0
"""Type size of names, which pages show larger than it is here."""

Shared = Mapping[str, Sequence[Mark]]
"""What maps of one ground share, by the name under which they refer to it."""


def shared(seen: View, ground: Ground, lines: Sequence[Line]) -> dict[str, list[Mark]]:
    """Land, sea, boundary and the railways of today.

    Parameters
    ----------
    seen
        The part of the ground.
    ground
        The basemap.
    lines
        The lines that all maps have.
    """
    boundary = seen.stroke(ground.boundary, palette.BOUNDARY, 1.3, "7 3 1.5 3", fine=LINE_FINE)
    return {
        "base-land": [Box(0, 0, WIDTH, HEIGHT, palette.LAND)],
        "base-over": [*map_marks.water(seen, ground, COAST_FINE, hatch=""), boundary],
        "base-lines": [_rail(seen, lines)],
    }


def whole(marks: Iterable[Mark], base: Shared) -> Iterator[Mark]:
    """Marks with those that they refer to in place, for a picture, which holds nothing once for all."""
    for mark in marks:
        yield from base[mark.name] if isinstance(mark, Ref) else (mark,)


def small_map(
    seen: View, shapes: NDArray[Any], colours: Sequence[str], lines: Sequence[Line], in_all: frozenset[str]
) -> Iterator[Mark]:
    """A map of one scenario.

    Parameters
    ----------
    seen
        The part of the ground.
    shapes, colours
        (zones,) zones in EPSG:4547 and their colours.
    lines
        Lines of the scenario.
    in_all
        Ids of lines that all maps share.
    """
    yield Ref("base-land")
    yield from map_marks.zones(seen, [(c, _joined(own)) for c, own in by_colour(shapes, colours)])
    yield Ref("base-over")
    yield Ref("base-lines")
    yield _rail(seen, [found for found in lines if found.line_id not in in_all])
    for found in lines:
        if found.added:
            yield from map_marks.proposed(seen, found, THICK, LINE_FINE)


def _joined(squares: NDArray[Any]) -> Any:
    """Squares of one colour as one shape; one that both sides of the boundary have counts once."""
    return shapely.coverage_union_all(shapely.from_wkb(np.unique(shapely.to_wkb(squares))))


def _rail(seen: View, lines: Iterable[Line]) -> Mark:
    """Railways of today, thin; buses and ferries are left to the map."""
    rail = [found.shape for found in lines if not (found.added or found.on_road_or_sea)]
    return seen.stroke(rail, palette.EXISTING, 0.5, opacity=0.55, fine=LINE_FINE)


def line_words(seen: View, lines: Iterable[tuple[Line, Text]]) -> Iterator[Mark]:
    """Words beside lines where there is room."""
    yield from _placed(Room(seen.edges()), [_of_line(seen, found, words) for found, words in lines])


def all_names(seen: View, checkpoints: gpd.GeoDataFrame, lines: Iterable[Line]) -> Iterator[Mark]:
    """Control points with their names where there is room, those with most passengers first; then the lines added.

    Parameters
    ----------
    seen
        The part of the ground.
    checkpoints
        checkpoint_id, names, daily_2025; EPSG:4547.
    lines
        Lines of the scenario.
    """
    left, top, right, bottom = seen.edges(4)
    room, labels = Room(seen.edges()), []
    for row in rows_of(checkpoints.drop_duplicates("checkpoint_id")):
        x, y = seen.at(row["geometry"].x, row["geometry"].y)
        if left < x < right and top < y < bottom:
            name, daily = row_name(row), number_of(row["daily_2025"]) or 0.0
            yield Disc(x, y, 2.4, "#ffffff", palette.CHECKPOINT, 1.2)
            room.taken.append((x - 3, y - 3, x + 3, y + 3))
            labels.append((name, Label(name.en, ((x, y),), NAME, -round(daily), palette.INK, gap=4)))
    yield from _placed(
        room, [*labels, *(_of_line(seen, found, found.name) for found in lines if found.added)]
    )


Named = tuple[Text, Label]


def _of_line(seen: View, found: Line, words: Text) -> Named:
    points = seen.along(found.shape, 0.5, 0.35, 0.65)
    return words, Label(words.en, points, NAME, 1, found.colour, True, 6)


def _placed(room: Room, labels: Sequence[Named]) -> Iterator[Mark]:
    by_name = {name.en: name for name, _ in labels}
    for one in ordered([label for _, label in labels]):
        name = by_name[one.words]
        yield from room.written(one, widest(name, one.size), name)
