"""Maps of groups of districts: what a scenario changes in each, written on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from corridor.drawing import palette
from corridor.drawing.canvas import Box, Drawing, Mark, Path, Ref, Words
from corridor.drawing.ground import Ground
from corridor.drawing.i18n import STRINGS, fill, joined, t, term
from corridor.drawing.labels import Label, Room
from corridor.drawing.map_marks import EDGE, View, around, view, water
from corridor.drawing.numbers import signed
from corridor.drawing.small_map import COAST_FINE, HEIGHT, WIDTH, Shared
from corridor.drawing.wrap import widest
from corridor.schema.rows import row_name, rows_of, text_of
from corridor.schema.text import Text

ELSEWHERE = "elsewhere"
MARGIN_M = 2_500.0
NAME, FIGURE = 8.0, 11.0
NAME_WIDTH, FIGURE_WIDTH, LABEL_HEIGHT = 68.0, 46.0, 52.0
"""Of a label: its name in a few lines, and the change."""
MOST_LINES = 4
SPOT_PX = 6.0
PALE, DARK = 0.12, 0.62
"""How far a group is filled: by the size of its change against the largest of the map."""


@dataclass(frozen=True)
class Shown:
    """A figure of groups that is mapped: its column, its unit, and whether more of it is better."""

    column: str
    unit: str
    higher_is_better: bool

    @property
    def title(self) -> Text:
        """What it is called."""
        return t(f"nodes_group_{self.column.removesuffix('_per_day').removesuffix('_ha')}")


SHOWN = (
    Shown("jobs_60", "jobs", True), Shown("trips_per_day", "crossings/day", True), Shown("permanent_ha", "ha", False),
)  # fmt: skip
"""Access, travellers and nature."""


def grouping_title(row: Mapping[str, Any]) -> Text:
    """What a grouping is called: by its layer, or the thirds."""
    found = row_name(row, "grouping")
    return found if found.en else t("nodes_thirds")


def group_name(group_id: str, named: Text) -> Text:
    """What a group is called: by its layer, a third of the boundary, or what is in no group."""
    key = f"demand_third_{group_id}"
    return named if named.en else t(key) if key in STRINGS else t("nodes_elsewhere")


@dataclass(frozen=True)
class GroupMaps:
    """Maps of one grouping.

    Attributes
    ----------
    outlines
        group_id, grouping and group names of one grouping, EPSG:4547.
    changes
        Index group_id; a column for each of :data:`SHOWN` that is known: the change against the reference.
    ground
        The basemap.
    """

    outlines: gpd.GeoDataFrame
    changes: pd.DataFrame
    ground: Ground

    @cached_property
    def shapes(self) -> dict[str, Any]:
        """Outlines by group; what is in none is left out."""
        ids = map(str, self.outlines["group_id"])
        return {i: s for i, s in zip(ids, self.outlines.geometry, strict=True) if i != ELSEWHERE}

    @cached_property
    def names(self) -> dict[str, Text]:
        """Names by group."""
        rows = {text_of(r["group_id"]): row_name(r) for r in rows_of(self.outlines)}
        return {i: group_name(i, named) for i, named in rows.items()}

    @cached_property
    def title(self) -> Text:
        """What the grouping is called."""
        return grouping_title(next(iter(rows_of(self.outlines))))

    @cached_property
    def grouping_id(self) -> str:
        """Its id."""
        return str(self.outlines["grouping_id"].iloc[0])

    @cached_property
    def seen(self) -> View:
        """All groups with a margin."""
        return view(around(list(self.shapes.values()), MARGIN_M), 0, 0, WIDTH, HEIGHT)

    @property
    def shown(self) -> list[Shown]:
        """The figures that are known."""
        return [one for one in SHOWN if one.column in self.changes and self.changes[one.column].notna().any()]

    def shared(self) -> Shared:
        """What the maps refer to: land, sea, borders of districts and the boundary."""
        seen, ground = self.seen, self.ground
        return {
            f"{self.grouping_id}-land": [Box(*seen.box, palette.LAND)],
            f"{self.grouping_id}-over": [
                *water(seen, ground, COAST_FINE, hatch=""),
                seen.stroke(ground.district_lines, palette.DISTRICT, 0.5, "1.5 2.5", fine=COAST_FINE),
                seen.stroke(ground.boundary, palette.BOUNDARY, 1.3, "7 3 1.5 3", fine=COAST_FINE),
            ],
        }

    def drawing(self, one: Shown) -> Drawing:
        """The map of one figure: each group filled by the size of its change, with its name and the change.

        Parameters
        ----------
        one
            One of :attr:`shown`.
        """
        values = self.changes[one.column]
        said = {
            i: fill("group_said", name=self.names[i], change=signed(values[i], one.unit)) for i in self.shapes
        }
        marks = [
            Ref(f"{self.grouping_id}-land"),
            *(self._area(shape, float(values[i]), one) for i, shape in self.shapes.items()),
            Ref(f"{self.grouping_id}-over"),
            *(self.seen.stroke(shape, palette.INK, 1, fine=COAST_FINE) for shape in self.shapes.values()),
            *(mark for i in self.shapes for mark in self._words(i, signed(values[i], one.unit))),
            Box(*self.seen.box, "", EDGE, 1),
        ]  # fmt: skip
        title = fill("group_map_title", grouping=self.title, figure=one.title)
        told = fill("group_map_alt", unit=term("unit", one.unit), figures=joined(list(said.values())))
        return Drawing(title, told, WIDTH, HEIGHT, marks)

    def _area(self, shape: Any, value: float, one: Shown) -> Path:
        largest = float(self.changes.loc[list(self.shapes), one.column].abs().max())
        share = abs(value) / largest if largest > 0 else 0.0
        colour = palette.GAIN if (value > 0) == one.higher_is_better else palette.LOSS
        opacity = PALE + (DARK - PALE) * share if value and np.isfinite(value) else 0.0
        return self.seen.area(shape, colour, fine=COAST_FINE, opacity=opacity)

    @cached_property
    def _spots(self) -> dict[str, tuple[float, float]]:
        """Where each group is labelled: in its widest part, or where no other label is in the way; middles, pixels."""
        room, found = Room(self.seen.edges()), {}
        step = SPOT_PX * self.seen.metres
        for i, shape in sorted(self.shapes.items(), key=lambda item: item[1].area):
            largest = max(shapely.get_parts(shape), key=shapely.area)
            middle = shapely.get_point(shapely.maximum_inscribed_circle(largest, step / 4), 0)
            west, south, east, north = shapely.bounds(largest)
            x, y = np.meshgrid(np.arange(west, east, step), np.arange(south, north, step))
            grid = np.asarray(shapely.points(x.ravel(), y.ravel()))
            inside = grid[shapely.contains(largest, grid)]
            near = inside[np.argsort(shapely.distance(inside, middle), kind="stable")]
            points = tuple(self.seen.at(p.x, p.y) for p in (middle, *near))
            width = min(max(widest(self.names[i], NAME), FIGURE_WIDTH), NAME_WIDTH)
            box = room.place(Label(i, points, LABEL_HEIGHT / 1.3, 0, palette.INK), width)
            found[i] = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2) if box else points[0]
        return found

    def _words(self, group_id: str, change: str) -> Iterator[Mark]:
        """The name of a group, and below it the change."""
        x, y = self._spots[group_id]
        name = self.names[group_id]
        below = NAME * (0.6 * min(ceil(widest(name, NAME) / NAME_WIDTH), MOST_LINES) - 0.6) + FIGURE
        y -= FIGURE / 2
        yield Words(x, y, name, NAME, across="middle", width=NAME_WIDTH, most=MOST_LINES, halo=True)
        yield Words(x, y + below, change, FIGURE, across="middle", bold=True, halo=True)


def group_maps(outlines: gpd.GeoDataFrame, changes: pd.DataFrame, ground: Ground) -> list[GroupMaps]:
    """The maps of all groupings.

    Parameters
    ----------
    outlines
        As :attr:`GroupMaps.outlines`, of all groupings.
    changes
        grouping_id, group_id and changes as :attr:`GroupMaps.changes`.
    ground
        The basemap.
    """
    return [
        GroupMaps(rows, changes[changes["grouping_id"] == grouping_id].set_index("group_id"), ground)
        for grouping_id, rows in outlines.groupby("grouping_id", sort=False)
    ]
