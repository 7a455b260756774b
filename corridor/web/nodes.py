"""nodes.html: what is around the nodes of each line, how near they are to each other, and the circles and thirds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from corridor.drawing.ground import ground_of
from corridor.drawing.group_map import group_name
from corridor.drawing.i18n import fill, t, term
from corridor.drawing.numbers import figure, flagged, gravest, signed
from corridor.schema.catalog_entry import Role
from corridor.schema.tables import FACILITY_KINDS
from corridor.schema.text import Text
from corridor.study.groups import NO_NAME, Grouping, groupings
from corridor.study.node_layer import Node
from corridor.study.nodes import CATCHMENTS, Nodes
from corridor.web.inline import write_page
from corridor.web.layers import basemap, build_out_share
from corridor.web.node_map import axis_name, link_maps, picture
from corridor.web.printed import printed_page
from corridor.web.tables import Cell
from corridor.web.templates import drawn_marks

UNDERLYING: tuple[Role, ...] = (
    "coastline", "districts", "cells", "nodes", "groups", "facilities", "development_areas", "stations", "lines",
    "checkpoints", "headways", "proposals", "land_use",
)  # fmt: skip
"""What the page draws and its figures rest on, whose holders it names."""
NEAR, WIDE, ON_FOOT = CATCHMENTS
NOT_VISITED = {"blood_service"}

Row = tuple[Text, list[Cell]]


def write_nodes(
    nodes: Nodes, groups: pd.DataFrame, trips: pd.DataFrame | None, path: Path, in_comparison: bool = False
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
    maps = link_maps(nodes, trips, named, ground_of(basemap(study)))
    html = printed_page(
        "nodes.html.j2",
        t("nodes_title"),
        ("page.css", "index.css", "site.css", "demand.css"),
        in_comparison=in_comparison,
        share=build_out_share(study),
        asked=fill("nodes_asked", scenario=named[ids[-1]], reference=named[ids[0]]),
        flag=gravest(s.flag for s in scenarios.values()),
        labels=[named[i] for i in ids],
        around_heads=[
            t(f"nodes_{k}")
            for k in ("residents", "jobs", "density", "balance", "mix", "land_mix", "planned_residents", "planned_jobs")
        ],
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
        ground=drawn_marks(maps[0].shared()) if maps else "",
        maps=[picture(one) for one in maps],
        attributions=study.catalog.attributions([r for r in UNDERLYING if study.catalog.having(r)]),
        date=max(e.date for role in UNDERLYING for e in study.catalog.having(role)),
    )  # fmt: skip
    write_page(html, path)


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
    table = nodes.access.pivot_table(index="node_id", columns="scenario_id", values=column)
    first = nodes.scenario_ids[0]
    for node in nodes.nodes:
        row = table.loc[node.node_id]
        yield node.name, [_changed(row[i], row[first], "jobs", i == first) for i in nodes.scenario_ids]


def _changed(value: float, before: float, unit: str, reference: bool = False) -> Cell:
    """A figure, and below it the change from the reference."""
    if reference or np.isnan(value - before):
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
        pairs = [(a.node_id, b.node_id) for b in _on_side(nodes, 1)]
        yield (
            a.name,
            [
                _changed(float(table[last, *p]), float(table[first, *p]), "crossings/day", last == first)
                for p in pairs
            ],
        )


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
        rows.append(
            (
                t("total")
                if group_id == "total"
                else group_name(group_id, grouping.names.get(group_id, NO_NAME)),
                cells,
            )
        )
    return heads, rows


def _row(frame: pd.DataFrame, group_id: str) -> Mapping[str, float]:
    """The figures of a group, or those of all: sums, and means over residents."""
    if group_id != "total":
        return {
            str(k): float(v)
            for k, v in frame.loc[group_id].items()
            if k not in ("grouping_id", "scenario_id")
        }
    numbers = frame.select_dtypes("number")
    total = {str(k): float(v) for k, v in numbers.sum().items()}
    weight = numbers["residents"].to_numpy(float)
    total["jobs_60"] = float(np.average(np.nan_to_num(numbers["jobs_60"]), weights=weight))
    return total
