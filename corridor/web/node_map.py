"""Maps of the links between nodes: how near each is to the others in a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from shapely import Point

from corridor.drawing import palette
from corridor.drawing.canvas import Box, Drawing, Mark, Path, Ref
from corridor.drawing.ground import Ground
from corridor.drawing.i18n import fill, t
from corridor.drawing.labels import Room
from corridor.drawing.map_marks import EDGE, View, around, scale_bar, view
from corridor.schema.text import Text
from corridor.study.nodes import Node, Nodes
from corridor.web.demand_map import GROUND, HEIGHT, MIDDLE, SAMPLE, WIDTH, FlowMap, Picture, end_mark, written
from corridor.web.templates import drawn, drawn_marks

MARGIN_M = 6_000.0
BANDS: Mapping[int, tuple[float, str]] = {30: (5.0, ""), 45: (2.6, "7 3"), 60: (1.3, "2 4")}
"""Longest minutes of a link, with its width and dash."""


@dataclass(frozen=True)
class LinkMap:
    """The nodes of one axis in one scenario.

    Attributes
    ----------
    minutes
        By pair of node ids, the slower direction; NaN without service.
    """

    axis: str
    axis_name: Text
    scenario_id: str
    nodes: tuple[Node, ...]
    minutes: Mapping[tuple[str, str], float]
    colour: str
    ground: Ground
    seen: View

    def shared(self) -> list[Mark]:
        """The ground, which the page holds once."""
        return FlowMap.ground_marks(self.seen, self.ground)

    def drawing(self, title: Text) -> Drawing:
        """The map under a title."""
        at = {n.node_id: self.seen.at(n.place.x_m, n.place.y_m) for n in self.nodes}
        bar, taken = scale_bar(self.seen, 5)
        room = Room(self.seen.edges(), [taken, *((x - 6, y - 6, x + 6, y + 6) for x, y in at.values())])
        links = []
        for (a, b), minutes in sorted(
            self.minutes.items(), key=lambda item: -np.nan_to_num(item[1], nan=1e9)
        ):
            if band := next((look for most, look in BANDS.items() if minutes <= most), None):
                links.append(Path([(at[a], at[b])], self.colour, band[0], band[1], opacity=0.65))
        names = [m for n in self.nodes for m in written(room, n.name, None, at[n.node_id], 8)]
        marks = [Ref(GROUND), *links, *(end_mark(*spot) for spot in at.values()), *bar, *names]
        return Drawing(title, t("nodes_map_alt"), WIDTH, HEIGHT, [*marks, Box(*self.seen.box, "", EDGE, 1)])


def link_maps(nodes: Nodes, ground: Ground) -> list[LinkMap]:
    """A map of each axis in each scenario, the last scenario first; all over one part of the ground."""
    if not nodes.nodes:
        return []
    shapes = [Point(n.place.x_m, n.place.y_m) for n in nodes.nodes]
    seen = view(around(shapes, MARGIN_M), 0, 0, WIDTH, HEIGHT)
    table = nodes.times.set_index(["scenario_id", "from", "to"])["minutes"]
    colours = palette.axes(nodes.study.region)
    found = []
    for axis in dict.fromkeys(n.axis for n in nodes.nodes):
        own = tuple(n for n in nodes.nodes if n.axis == axis)
        name = next((a.name for a in nodes.study.region.axes if a.id == axis), t("axis_other"))
        for scenario_id in dict.fromkeys(nodes.scenario_ids[::-1]):
            minutes = {
                (a.node_id, b.node_id): float(
                    max(table[scenario_id, a.node_id, b.node_id], table[scenario_id, b.node_id, a.node_id])
                )
                for a, b in combinations(own, 2)
            }
            colour = colours.get(axis, palette.OTHER_WORKS)
            found.append(LinkMap(axis, name, scenario_id, own, minutes, colour, ground, seen))
    return found


def picture(one: LinkMap, named: Mapping[str, Text]) -> Picture:
    """A map as the page shows it, under its axis and scenario."""
    title = fill("nodes_map_show", axis=one.axis_name, scenario=named[one.scenario_id])
    key = tuple((drawn_marks(marks), words) for marks, words in _legend(one.colour))
    return Picture(title, drawn(one.drawing(title)), key)


def _legend(colour: str) -> Iterator[tuple[list[Mark], Text]]:
    across = (0.0, MIDDLE[1]), (SAMPLE[0], MIDDLE[1])
    yield [end_mark(*MIDDLE)], t("nodes_key_node")
    for most, (weight, dash) in BANDS.items():
        yield (
            [Path([across], colour, weight, dash, opacity=0.65)],
            fill("nodes_key_minutes", minutes=f"{most}"),
        )
    yield [Path([across], palette.BOUNDARY, 1.6, "8 3 2 3")], t("figure_boundary")
