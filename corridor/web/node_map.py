"""Maps of the links between nodes: how near each is to the others, and how many travel between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from shapely import Point

from corridor.drawing import palette
from corridor.drawing.canvas import Box, Drawing, Mark, Path, Ref, short
from corridor.drawing.ground import Ground
from corridor.drawing.i18n import fill, t
from corridor.drawing.labels import Room
from corridor.drawing.map_marks import EDGE, View, around, scale_bar, view
from corridor.drawing.numbers import figure
from corridor.schema.text import Text
from corridor.study.node_layer import Node
from corridor.study.nodes import Nodes
from corridor.web.demand_map import GROUND, HEIGHT, MIDDLE, SAMPLE, WIDTH, FlowMap, Picture, end_mark, written
from corridor.web.templates import drawn, drawn_marks

MARGIN_M = 6_000.0
BANDS: Mapping[int, tuple[float, str]] = {30: (5.0, ""), 45: (2.6, "7 3"), 60: (1.3, "2 4")}
"""Longest minutes of a link, with its width and dash."""
WIDEST_PX = 14.0
LEAST_SHARE = 0.02
"""Of the most trips between two nodes in any of the scenarios, below which no link is drawn."""
KEY_SHARES = (1.0, 0.3)

Look = Callable[[float], tuple[float, str] | None]
"""Width and dash of a link by its value; None where it is not drawn."""


@dataclass(frozen=True)
class Link:
    """A link between two nodes, by their ids: minutes or trips a day, NaN where there is none."""

    ends: tuple[str, str]
    value: float
    colour: str


@dataclass(frozen=True)
class LinkMap:
    """Links between nodes in one scenario.

    Attributes
    ----------
    title, told
        What the map is called, and what it says to those who do not see it.
    look
        How a link is drawn.
    key
        Samples of :data:`corridor.web.demand_map.SAMPLE` pixels with their words.
    """

    title: Text
    told: Text
    nodes: Sequence[Node]
    links: Sequence[Link]
    look: Look
    key: Sequence[tuple[list[Mark], Text]]
    ground: Ground
    seen: View

    def shared(self) -> list[Mark]:
        """The ground, which the page holds once."""
        return FlowMap.ground_marks(self.seen, self.ground)

    def drawing(self) -> Drawing:
        """The map, the widest links below."""
        at = {n.node_id: self.seen.at(n.place.x_m, n.place.y_m) for n in self.nodes}
        bar, taken = scale_bar(self.seen, 5)
        room = Room(self.seen.edges(), [taken, *((x - 6, y - 6, x + 6, y + 6) for x, y in at.values())])
        looks = [(look, link) for link in self.links if (look := self.look(link.value))]
        links = [
            Path([(at[one.ends[0]], at[one.ends[1]])], one.colour, width, dash, opacity=0.65)
            for (width, dash), one in sorted(looks, key=lambda drawn: -drawn[0][0])
        ]
        names = [m for n in self.nodes for m in written(room, n.name, None, at[n.node_id], 8)]
        marks = [Ref(GROUND), *links, *(end_mark(*spot) for spot in at.values()), *bar, *names]
        return Drawing(self.title, self.told, WIDTH, HEIGHT, [*marks, Box(*self.seen.box, "", EDGE, 1)])


def link_maps(
    nodes: Nodes, trips: pd.DataFrame | None, named: Mapping[str, Text], ground: Ground
) -> list[LinkMap]:
    """Maps of minutes for each axis and scenario, the last scenario first, then of trips for each scenario.

    Parameters
    ----------
    nodes
        Nodes and scenarios.
    trips
        Of :meth:`corridor.study.nodes.Nodes.trips`; None where travellers were not asked for, and no map shows them.
    named
        Titles of the scenarios.
    ground
        What is drawn below; all maps show one part of it.
    """
    if not nodes.nodes:
        return []
    shapes = [Point(n.place.x_m, n.place.y_m) for n in nodes.nodes]
    seen = view(around(shapes, MARGIN_M), 0, 0, WIDTH, HEIGHT)
    ids = list(dict.fromkeys(nodes.scenario_ids[::-1]))
    found = [
        _of_minutes(nodes, axis, i, named[i], ground, seen)
        for axis in dict.fromkeys(n.axis for n in nodes.nodes)
        for i in ids
    ]
    if trips is not None and len(trips) and trips["trips_per_day"].max() > 0:
        found += [
            _of_trips(nodes, trips, i, named[i], ground, seen) for i in ids if i in set(trips["scenario_id"])
        ]
    return found


def axis_name(nodes: Nodes, axis: str) -> Text:
    """What an axis of the region is called."""
    return next((a.name for a in nodes.study.region.axes if a.id == axis), t("axis_other"))


def _of_minutes(nodes: Nodes, axis: str, scenario_id: str, name: Text, ground: Ground, seen: View) -> LinkMap:
    """The slower direction counts."""
    table = nodes.times.set_index(["scenario_id", "from", "to"])["minutes"]
    own = [n for n in nodes.nodes if n.axis == axis]
    colour = palette.axes(nodes.study.region).get(axis, palette.OTHER_WORKS)
    links = []
    for a, b in combinations((n.node_id for n in own), 2):
        ways = (float(table[scenario_id, a, b]), float(table[scenario_id, b, a]))
        links.append(Link((a, b), float(np.maximum(*ways)), colour))
    title = fill("nodes_map_show", axis=axis_name(nodes, axis), scenario=name)
    return LinkMap(title, t("nodes_map_alt"), own, links, _band, list(_bands_key(colour)), ground, seen)


def _band(minutes: float) -> tuple[float, str] | None:
    return next((look for most, look in BANDS.items() if minutes <= most), None)


def _of_trips(
    nodes: Nodes, trips: pd.DataFrame, scenario_id: str, name: Text, ground: Ground, seen: View
) -> LinkMap:
    """Nodes of all axes; widths are to one scale in all scenarios."""
    most, axes = float(trips["trips_per_day"].max()), palette.axes(nodes.study.region)
    axis = {n.node_id: n.axis for n in nodes.nodes}
    rows = trips[trips["scenario_id"] == scenario_id]
    links = []
    for a, b, daily in zip(rows["from"], rows["to"], rows["trips_per_day"], strict=True):
        shared = axis[a] if axis[a] == axis[b] else "other"
        links.append(Link((a, b), float(daily), axes.get(shared, palette.OTHER_WORKS)))
    names = {n.node_id: n.name for n in nodes.nodes}
    first = max(links, key=lambda one: one.value)
    told = fill(
        "nodes_trips_alt", a=names[first.ends[0]], b=names[first.ends[1]], trips=figure(first.value, "crossings/day")
    )  # fmt: skip

    def look(daily: float) -> tuple[float, str] | None:
        return (max(WIDEST_PX * daily / most, 0.8), "") if daily >= LEAST_SHARE * most else None

    key = list(_trips_key(nodes, most))
    return LinkMap(fill("nodes_trips_show", scenario=name), told, nodes.nodes, links, look, key, ground, seen)


def picture(one: LinkMap) -> Picture:
    """A map as the page shows it, under its title."""
    return Picture(
        one.title, drawn(one.drawing()), tuple((drawn_marks(marks), words) for marks, words in one.key)
    )


def _bands_key(colour: str) -> Iterator[tuple[list[Mark], Text]]:
    yield [end_mark(*MIDDLE)], t("nodes_key_node")
    for most, (weight, dash) in BANDS.items():
        yield [_sample(colour, weight, dash)], fill("nodes_key_minutes", minutes=f"{most}")
    yield [_boundary()], t("figure_boundary")


def _trips_key(nodes: Nodes, most: float) -> Iterator[tuple[list[Mark], Text]]:
    yield [end_mark(*MIDDLE)], t("nodes_key_node")
    for share in KEY_SHARES:
        daily = float(f"{share * most:.1g}")
        weight = WIDEST_PX * daily / most
        yield [_sample(palette.OTHER_WORKS, weight)], fill("nodes_key_trips", trips=short(daily))
    axes = palette.axes(nodes.study.region)
    for axis in dict.fromkeys(n.axis for n in nodes.nodes):
        yield [_sample(axes.get(axis, palette.OTHER_WORKS), 5)], axis_name(nodes, axis)
    yield [_sample(palette.OTHER_WORKS, 5)], t("nodes_key_axes")
    yield [_boundary()], t("figure_boundary")


def _sample(colour: str, weight: float, dash: str = "") -> Mark:
    return Path([((0.0, MIDDLE[1]), (SAMPLE[0], MIDDLE[1]))], colour, weight, dash, opacity=0.65)


def _boundary() -> Mark:
    return Path([((0.0, MIDDLE[1]), (SAMPLE[0], MIDDLE[1]))], palette.BOUNDARY, 1.6, "8 3 2 3")
