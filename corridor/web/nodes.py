"""nodes.html: what is around the nodes of each line, how near they are to each other, and the circles and thirds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path as FilePath

import numpy as np
import pandas as pd
from shapely import Point

from corridor.drawing import palette
from corridor.drawing.canvas import Box, Drawing, Mark, Path, Ref, short
from corridor.drawing.ground import ground_of
from corridor.drawing.group_map import group_name
from corridor.drawing.i18n import fill, t, term
from corridor.drawing.labels import Room
from corridor.drawing.map_marks import EDGE, View, around, scale_bar, view
from corridor.drawing.numbers import figure, flagged, gravest, signed
from corridor.schema.catalog_entry import Role
from corridor.schema.tables import FACILITY_KINDS
from corridor.schema.text import Text
from corridor.study.groups import NO_NAME, Grouping, groupings
from corridor.study.node_layer import Node
from corridor.study.nodes import CATCHMENTS, Nodes
from corridor.web.demand_map import (
    GROUND,
    HEIGHT,
    MIDDLE,
    SAMPLE,
    WIDTH,
    boundary_key,
    end_mark,
    ground_marks,
    picture,
    square,
    written,
)
from corridor.web.layers import basemap, build_out_share
from corridor.web.printed import write_printed
from corridor.web.tables import Cell, Row
from corridor.web.templates import drawn_marks

UNDERLYING: tuple[Role, ...] = (
    "coastline", "districts", "cells", "nodes", "groups", "facilities", "development_areas", "stations", "lines",
    "checkpoints", "headways", "proposals", "land_use",
)  # fmt: skip
"""What the page draws and its figures rest on, whose holders it names."""
NEAR, WIDE, ON_FOOT = CATCHMENTS
NOT_VISITED = {"blood_service"}


def write_nodes(
    nodes: Nodes,
    groups: pd.DataFrame,
    trips: pd.DataFrame | None,
    path: FilePath,
    in_comparison: bool = False,
) -> None:
    """Write nodes.html: the last scenario of the nodes against the first.

    Parameters
    ----------
    nodes
        Nodes and scenarios.
    groups
        Of :func:`corridor.study.groups.group_table`, of the same scenarios.
    trips
        Of :meth:`corridor.study.nodes.Nodes.trips`; None where travellers were not asked for, which the page then says.
    path
        The file. An earlier one stays where this one cannot be written.
    in_comparison
        Whether it is one of the pages of a comparison, to link to them.

    Raises
    ------
    AssetError
        Where the page would be over 2.5 MB.
    """
    study, ids = nodes.study, nodes.scenario_ids
    scenarios = {i: study.scenario(i) for i in ids}
    named = {i: flagged(s.title, s.flag) for i, s in scenarios.items()}
    maps = link_maps(nodes, trips, named)
    write_printed(
        "nodes.html.j2",
        path,
        t("nodes_title"),
        ("page.css", "index.css", "site.css", "demand.css"),
        in_comparison=in_comparison,
        share=build_out_share(study),
        asked=fill("nodes_asked", scenario=named[ids[-1]], reference=named[ids[0]]),
        flag=gravest(s.flag for s in scenarios.values()),
        labels=[named[i] for i in ids],
        around=[(n.name, list(_around(nodes, n))) for n in nodes.nodes],
        facilities=_facilities(nodes),
        access=[(t(f"nodes_{k}"), list(_access(nodes, k))) for k in ("jobs_60", "jobs_60_across", "jobs_60_planned")],
        times=list(_times(nodes)),
        trips_to=[n.name for n in _on_side(nodes, 1)],
        trips=list(_trips(nodes, trips)) if trips is not None else [],
        groups=[
            (f"nodes_{g.grouping_id}", g.title or t("nodes_thirds"), *_group(g, groups[groups["grouping_id"] == g.grouping_id], ids))
            for g in groupings(study)
        ],
        ground=drawn_marks(ground_marks(maps[0].seen, ground_of(basemap(study)))) if maps else "",
        maps=[picture(one.drawing(), one.title, one.key) for one in maps],
        attributions=study.catalog.attributions(UNDERLYING),
        date=max(e.date for role in UNDERLYING for e in study.catalog.having(role)),
    )  # fmt: skip


def _around(nodes: Nodes, node: Node) -> Iterator[Cell]:
    rows = nodes.around[nodes.around["node_id"] == node.node_id].set_index("catchment")
    for column, unit in (
        ("residents", "residents"), ("jobs", "jobs"), ("per_ha", ""), ("jobs_per_100_residents", ""), ("mix", ""),
        ("land_use_mix", ""),
    ):  # fmt: skip
        if column == "land_use_mix" and not (nodes.land_use["node_id"] == node.node_id).any():
            yield Cell(t("nodes_not_assessed"))
            continue
        said = {name: figure(rows.loc[name, column], unit) for name in CATCHMENTS}
        small = (("", fill("nodes_500m", figure=said[NEAR])), ("", fill("nodes_walk", figure=said[ON_FOOT])))
        yield Cell(said[WIDE], small)
    left_out = () if node.in_buildout or np.isnan(node.planned_residents) else (("", t("nodes_not_counted")),)
    yield Cell(figure(node.planned_residents, "residents"), left_out)
    yield Cell(figure(node.planned_jobs, "jobs"), left_out)


def _facilities(nodes: Nodes) -> tuple[list[Text], list[Row]]:
    """Heads and rows of the facilities within a walk of each node; kinds that nobody visits are left out."""
    table = nodes.facilities.set_index("node_id")
    order = [*FACILITY_KINDS, *sorted(set(table.columns) - set(FACILITY_KINDS))]
    kinds = [k for k in order if k in table.columns and k not in NOT_VISITED]
    rows = [
        (n.name, [Cell(t("nodes_not_assessed") if np.isnan(v) else figure(v)) for v in table.loc[n.node_id, kinds]])
        for n in nodes.nodes
    ]  # fmt: skip
    return [term("facility", k) for k in kinds], rows


def _access(nodes: Nodes, column: str) -> Iterator[Row]:
    table = nodes.access.pivot_table(column, "node_id", "scenario_id", dropna=False)
    first = nodes.scenario_ids[0]
    for node in nodes.nodes:
        row = table.loc[node.node_id]
        yield node.name, [_changed(row[i], row[first], "jobs", i == first) for i in nodes.scenario_ids]


def _changed(value: float, before: float, unit: str, reference: bool = False) -> Cell:
    """A figure, and below it the change from the reference."""
    if np.isnan(value):
        return Cell(t("nodes_not_assessed"))
    if reference or np.isnan(before):
        return Cell(figure(value, unit))
    return Cell(figure(value, unit), (("change", signed(value - before, unit)),))


def _times(nodes: Nodes) -> Iterator[tuple[Text, list[Text], list[Row]]]:
    """A matrix for each axis: minutes of the last scenario, with the change from the first."""
    table = nodes.times.set_index(["scenario_id", "from", "to"])["minutes"]
    last, first = nodes.scenario_ids[-1], nodes.scenario_ids[0]
    for axis in dict.fromkeys(n.axis for n in nodes.nodes):
        own = [n for n in nodes.nodes if n.axis == axis]
        rows: list[Row] = []
        for a in own:
            cells = []
            for b in own:
                now, before = (float(table[i, a.node_id, b.node_id]) for i in (last, first))
                cells.append(Cell("–") if a is b else _changed(round(now), round(before), "", last == first)
                             if np.isfinite(now - before) else Cell(figure(now, "min")))  # fmt: skip
            rows.append((a.name, cells))
        yield fill("nodes_times_axis", axis=axis_name(nodes, axis)), [n.name for n in own], rows


def _on_side(nodes: Nodes, side: int) -> list[Node]:
    return [n for n in nodes.nodes if n.place.region == nodes.study.region.sides[side]]


def _trips(nodes: Nodes, trips: pd.DataFrame) -> Iterator[Row]:
    """The matrix of the last scenario: nodes of the south down, those of the north across."""
    table = trips.set_index(["scenario_id", "from", "to"])["trips_per_day"]
    last, first = nodes.scenario_ids[-1], nodes.scenario_ids[0]
    for a in _on_side(nodes, 0):
        cells = []
        for b in _on_side(nodes, 1):
            now, before = (float(table[i, a.node_id, b.node_id]) for i in (last, first))
            cells.append(_changed(now, before, "crossings/day", last == first))
        yield a.name, cells


def _group(grouping: Grouping, table: pd.DataFrame, ids: tuple[str, ...]) -> tuple[list[Text], list[Row]]:
    """Heads and rows of the groups of the last scenario, with their total; land take and access against the first."""
    after, before = (table[table["scenario_id"] == i].set_index("group_id") for i in (ids[-1], ids[0]))
    counted = [("residents", "residents"), ("jobs", "jobs")]
    changed = [("jobs_60", "jobs", "jobs_60"), ("trips_per_day", "crossings/day", "trips"),
               ("permanent_ha", "ha", "permanent"), ("temporary_ha", "ha", "temporary")]  # fmt: skip
    changed = [c for c in changed if c[0] in table.columns and after[c[0]].notna().any()]
    heads = [t(f"nodes_group_{c}") for c, _ in counted] + [t(f"nodes_group_{key}") for *_, key in changed]
    rows: list[Row] = []
    for group_id in (*grouping.group_ids, "total"):
        now, then = (_row(frame, group_id) for frame in (after, before))
        planned = [
            fill("nodes_with_planned", figure=figure(now[f"{c}_planned"], unit)) for c, unit in counted
        ]
        cells = [Cell(figure(now[c], u), (("", p),)) for (c, u), p in zip(counted, planned, strict=True)]
        cells += [_changed(now[c], then[c], unit) for c, unit, _ in changed]
        name = group_name(group_id, grouping.names.get(group_id, NO_NAME))
        rows.append((t("total") if group_id == "total" else name, cells))
    return heads, rows


def _row(frame: pd.DataFrame, group_id: str) -> Mapping[str, float]:
    """The figures of a group, or those of all: sums, and means over residents."""
    numbers = frame.select_dtypes("number").astype(float)
    if group_id != "total":
        return dict(numbers.loc[group_id])
    jobs_60 = np.average(np.nan_to_num(numbers["jobs_60"]), weights=numbers["residents"])
    return {**numbers.sum(), "jobs_60": float(jobs_60)}


# --- maps of links ------------------------------------------------------------------------------------


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
    seen: View

    def drawing(self) -> Drawing:
        """The map, the widest links below."""
        at = {n.node_id: self.seen.at(n.place.x_m, n.place.y_m) for n in self.nodes}
        bar, taken = scale_bar(self.seen, 5)
        room = Room(self.seen.edges(), [taken, *(square(*spot, 6) for spot in at.values())])
        looks = [(look, link) for link in self.links if (look := self.look(link.value))]
        links = [
            Path([(at[one.ends[0]], at[one.ends[1]])], one.colour, width, dash, opacity=0.65)
            for (width, dash), one in sorted(looks, key=lambda drawn: -drawn[0][0])
        ]
        names = [m for n in self.nodes for m in written(room, n.name, None, at[n.node_id], 8)]
        marks = [Ref(GROUND), *links, *(end_mark(*spot) for spot in at.values()), *bar, *names]
        return Drawing(self.title, self.told, WIDTH, HEIGHT, [*marks, Box(*self.seen.box, "", EDGE, 1)])


def link_maps(nodes: Nodes, trips: pd.DataFrame | None, named: Mapping[str, Text]) -> list[LinkMap]:
    """Maps of minutes for each axis and scenario, the last scenario first, then of trips for each scenario.

    Parameters
    ----------
    nodes
        Nodes and scenarios.
    trips
        Of :meth:`corridor.study.nodes.Nodes.trips`; None where travellers were not asked for, and no map shows them.
    named
        Titles of the scenarios.

    Returns
    -------
    list of LinkMap
        All of one part of the ground.
    """
    if not nodes.nodes:
        return []
    shapes = [Point(n.place.x_m, n.place.y_m) for n in nodes.nodes]
    seen = view(around(shapes, MARGIN_M), 0, 0, WIDTH, HEIGHT)
    ids = list(dict.fromkeys(nodes.scenario_ids[::-1]))
    found = [
        _of_minutes(nodes, axis, i, named[i], seen)
        for axis in dict.fromkeys(n.axis for n in nodes.nodes)
        for i in ids
    ]
    if trips is not None and len(trips) and trips["trips_per_day"].max() > 0:
        known = set(trips["scenario_id"])
        found += [_of_trips(nodes, trips, i, named[i], seen) for i in ids if i in known]
    return found


def axis_name(nodes: Nodes, axis: str) -> Text:
    """What an axis of the region is called."""
    return next((a.name for a in nodes.study.region.axes if a.id == axis), t("axis_other"))


def _of_minutes(nodes: Nodes, axis: str, scenario_id: str, name: Text, seen: View) -> LinkMap:
    """The slower direction counts."""
    table = nodes.times.set_index(["scenario_id", "from", "to"])["minutes"]
    own = [n for n in nodes.nodes if n.axis == axis]
    colour = palette.axes(nodes.study.region).get(axis, palette.OTHER_WORKS)
    links = []
    for a, b in combinations((n.node_id for n in own), 2):
        ways = (float(table[scenario_id, a, b]), float(table[scenario_id, b, a]))
        links.append(Link((a, b), float(np.maximum(*ways)), colour))
    title = fill("nodes_map_show", axis=axis_name(nodes, axis), scenario=name)
    return LinkMap(title, t("nodes_map_alt"), own, links, _band, list(_bands_key(colour)), seen)


def _band(minutes: float) -> tuple[float, str] | None:
    return next((look for most, look in BANDS.items() if minutes <= most), None)


def _of_trips(nodes: Nodes, trips: pd.DataFrame, scenario_id: str, name: Text, seen: View) -> LinkMap:
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
    return LinkMap(fill("nodes_trips_show", scenario=name), told, nodes.nodes, links, look, key, seen)


def _bands_key(colour: str) -> Iterator[tuple[list[Mark], Text]]:
    yield [end_mark(*MIDDLE)], t("nodes_key_node")
    for most, (weight, dash) in BANDS.items():
        yield [_sample(colour, weight, dash)], fill("nodes_key_minutes", minutes=f"{most}")
    yield boundary_key()


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
    yield boundary_key()


def _sample(colour: str, weight: float, dash: str = "") -> Mark:
    return Path([((0.0, MIDDLE[1]), (SAMPLE[0], MIDDLE[1]))], colour, weight, dash, opacity=0.65)
