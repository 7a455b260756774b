"""Lengths along the official geometry of a railway line.

In: GeoJSON of the line's pieces (CSDI via DATA.GOV.HK), in any order and direction. Out: metres along the line between the
points nearest to two stations, measured in EPSG:4547.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import networkx as nx
from positions import LonLat, metres, xy
from shapely.geometry import LineString, Point, shape

from corridor.core.crs import project

JOIN_M = 60.0  # ends of pieces this near to another piece meet it
PARALLEL_M = 40.0  # a station is on every track not farther than this beyond the nearest
BELIEVED = (0.75, 2.2)  # length along the line by straight length; outside of it the geometry has a gap
STRAIGHT_FACTOR = 1.1

Node = tuple[int, float]
"""A place on the line: number of the piece, metres along it."""


@dataclass
class Track:
    """The pieces of one line in EPSG:4547."""

    parts: list[LineString]

    @classmethod
    def read(cls, file: Path) -> Track:
        """All pieces of a GeoJSON file."""
        parts = []
        for feature in json.loads(file.read_text(encoding="utf-8"))["features"]:
            geometry = project(shape(feature["geometry"]))
            parts += list(getattr(geometry, "geoms", [geometry]))
        return cls(parts)

    def distance(self, at: LonLat) -> float:
        """Metres from a position to the line."""
        point = Point(xy(at))
        return min(part.distance(point) for part in self.parts)

    def length(self, a: LonLat, b: LonLat) -> float | None:
        """Metres along the line between the points nearest to a and b; None where it does not join them."""
        joins, ends = self._joins(), [self._on(a), self._on(b)]
        graph = nx.Graph()
        for i, part in enumerate(self.parts):
            marks = {0.0, part.length} | {at for node in (*joins, *ends) for k, at in node if k == i}
            for s, t in pairwise(sorted(marks)):
                graph.add_edge((i, s), (i, t), weight=t - s)
            if Point(part.coords[0]).distance(Point(part.coords[-1])) < JOIN_M:
                graph.add_edge((i, 0.0), (i, part.length), weight=0.0)
        for u, v in joins:
            graph.add_edge(u, v, weight=0.0)
        found = [
            nx.dijkstra_path_length(graph, u, v) for u in ends[0] for v in ends[1] if nx.has_path(graph, u, v)
        ]
        return min(found) if found else None

    def _joins(self) -> list[tuple[Node, Node]]:
        """Where the end of a piece meets another piece."""
        return [
            ((i, at), (j, other.project(Point(end))))
            for i, part in enumerate(self.parts)
            for end, at in ((part.coords[0], 0.0), (part.coords[-1], part.length))
            for j, other in enumerate(self.parts)
            if i != j and other.distance(Point(end)) < JOIN_M
        ]

    def _on(self, at: LonLat) -> list[Node]:
        """Where a position is on each of the tracks beside it."""
        point, nearest = Point(xy(at)), self.distance(at)
        return [
            (i, part.project(point))
            for i, part in enumerate(self.parts)
            if part.distance(point) < nearest + PARALLEL_M
        ]


def link_length(track: Track | None, a: LonLat, b: LonLat) -> tuple[float, bool]:
    """Metres of track between two stations, and whether along the official line; else the straight line x 1.1."""
    straight = metres(a, b)
    along = track.length(a, b) if track else None
    if along is None or not BELIEVED[0] * straight <= along <= BELIEVED[1] * straight:
        return STRAIGHT_FACTOR * straight, False
    return max(along, straight), True


def split(total: float, legs: list[float]) -> list[int]:
    """Whole numbers in proportion to the legs that add up to the total."""
    ends = [0.0]
    for leg in legs:
        ends.append(ends[-1] + leg)
    bounds = [round(total * end / sum(legs)) for end in ends]
    return [b - a for a, b in pairwise(bounds)]
