"""travellers.html and demand.html: who would cross where in each scenario of a comparison, or in one scenario of a report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import pandas as pd

from corridor.core.crs import WORKING
from corridor.demand.segments import BASE_PERIOD
from corridor.drawing.ground import ground_of
from corridor.drawing.i18n import fill, t
from corridor.drawing.numbers import signed
from corridor.schema.catalog_entry import Role
from corridor.schema.comparison import TODAY
from corridor.schema.rows import names
from corridor.schema.text import Text
from corridor.study.compare import Comparison
from corridor.study.demand import ROLES
from corridor.study.demand_report import OUTSIDE, DemandReport
from corridor.study.travellers import Travellers
from corridor.web import demand_model as model
from corridor.web.compared import compared, label
from corridor.web.demand_map import State, flow_maps, ground_marks
from corridor.web.layers import PageLayers, basemap, build_out_share
from corridor.web.printed import write_printed
from corridor.web.tables import Cell, Row
from corridor.web.templates import drawn_marks

TOP_DISTRICTS = 12
UNDERLYING: tuple[Role, ...] = (
    "coastline", "districts", "cells", "stations", "lines", "checkpoints", "headways", "daily_crossings", "tariffs",
    "fare_matrix", "line_fares", *ROLES, "demand_commercial", "demand_gateways",
)  # fmt: skip
"""What demand.html draws and its figures rest on, whose holders it names."""


def write_travellers(comparison: Comparison, layers: PageLayers, path: Path) -> None:
    """Write travellers.html: the demand of every scenario on today's people.

    Parameters
    ----------
    comparison, layers
        What is shown, and the layers under it with their attributions.
    path
        The file. An earlier one stays where this one cannot be written.

    Raises
    ------
    AssetError
        Where the page would be over 2.5 MB.
    """
    shown, known = comparison.travellers[TODAY], compared(comparison)
    spots, ground, reference_id = halls(comparison), ground_of(layers.base), comparison.reference_id
    opens = comparison.opens_on if comparison.opens_on in shown else next(iter(shown))
    in_order = [shown[opens], *(one for i, one in shown.items() if i != opens)]
    maps = flow_maps([(one, model.gates(one, spots)) for one in in_order], ground)
    of = [(one.scenario_id, flows) for one, flows in zip(in_order, maps, strict=True)]
    write_printed(
        "travellers.html.j2",
        path,
        t("travellers_title"),
        ("page.css", "index.css", "site.css", "demand.css"),
        layers=layers,
        share=layers.share,
        labels=[label(known, i) for i in shown],
        reference=known.named(reference_id),
        period=BASE_PERIOD,
        crossings=crossing_rows(comparison),
        sums=list(sum_rows(shown)),
        groups=list(group_rows(comparison, layers)),
        districts=list(district_rows(comparison, layers)),
        thirds=list(third_rows(shown)),
        ground=drawn_marks(ground_marks(maps[0].seen, ground)),
        maps=[
            *(flows.picture("after", known.named(i)) for i, flows in of if i != reference_id),
            maps[0].picture("before", known.named(reference_id)),
        ],
    )


def write_demand_page(report: DemandReport, path: Path) -> None:
    """Write demand.html.

    Parameters
    ----------
    report
        What :meth:`corridor.Study.demand` found.
    path
        The file. An earlier one stays where this one cannot be written.

    Raises
    ------
    AssetError
        Where the page would be over 2.5 MB.
    """
    study = report.demand_study.study
    found, ground = report.travellers, ground_of(basemap(study))
    (drawing,) = flow_maps([(found, model.gates(found, model.spots(report)))], ground)
    scenario, reference = (model.title(report, i) for i in (report.scenario_id, report.reference_id))
    titles: dict[State, Text] = {"after": scenario, "before": reference}
    newest = max(e.date for role in UNDERLYING for e in study.catalog.having(role))
    write_printed(
        "demand.html.j2",
        path,
        fill("demand_title", scenario=scenario),
        ("page.css", "index.css", "demand.css"),
        ground=drawn_marks(ground_marks(drawing.seen, ground)),
        maps=[drawing.picture(state, name) for state, name in titles.items()],
        attributions=study.catalog.attributions(UNDERLYING),
        date=newest,
        share=build_out_share(study) if report.build_out else None,
        **model.views(report),
    )


def halls(comparison: Comparison) -> dict[str, model.Spot]:
    """The control points of all scenarios by id, with the hall on the north side."""
    frame = pd.concat([r.checkpoints.to_crs(WORKING) for r in comparison.results.values()])
    frame = frame.drop_duplicates("checkpoint_id")
    known = names(frame, "checkpoint_id")
    return {
        str(i): model.Spot(known[i], float(xy.x), float(xy.y))
        for i, xy in zip(frame["checkpoint_id"], frame.geometry, strict=True)
    }


def crossing_rows(comparison: Comparison) -> list[Row]:
    """Crossings a day at each control point, those busiest in any scenario first, with the change from the reference."""
    shown, spots = comparison.travellers[TODAY], halls(comparison)
    frame = pd.DataFrame({i: one.by_control_point["trips_per_day"] for i, one in shown.items()})
    start = frame[comparison.reference_id].fillna(0.0)
    order = frame.max(axis=1).sort_values(ascending=False, kind="stable").index
    return [
        (spots[str(gate)].name, [_changed(frame.loc[gate, i], start[gate], i == comparison.reference_id) for i in shown])
        for gate in order
    ]  # fmt: skip


def _changed(value: float, start: float, reference: bool) -> Cell:
    """Trips a day, and below them the change from the reference."""
    if pd.isna(value):
        return Cell("–") if reference or not start else Cell("–", (("change", signed(-start, model.PEOPLE)),))
    change = () if reference else (("change", signed(value - start, model.PEOPLE)),)
    return Cell(model.trips(value), change)


def sum_rows(shown: Mapping[str, Travellers]) -> Iterator[Row]:
    """Totals of each scenario: crossings, what is new, what moves, what is saved, CO2."""

    def people(of: Callable[[Travellers], float], change: bool = True) -> list[Cell]:
        write = partial(signed, unit=model.PEOPLE) if change else model.trips
        return [Cell(write(of(one))) for one in shown.values()]

    yield t("travellers_all"), people(lambda one: one.by_control_point["trips_per_day"].sum(), change=False)
    yield t("demand_trips_new"), people(lambda one: one.benefit["trips_new"].sum())
    yield t("demand_trips_moved"), people(lambda one: one.benefit["trips_moved"].sum(), change=False)
    yield t("travellers_new_points"), [_new(one) for one in shown.values()]
    yield t("demand_hours"), people(lambda one: one.saved_h)
    yield t("demand_hkd"), people(lambda one: one.benefit["saved_hkd"].sum())
    more_t = [(one.co2["co2_kg"] - one.co2["reference_co2_kg"]).sum() / 1000 for one in shown.values()]
    yield t("travellers_co2"), [Cell(signed(tonnes, "t/day")) for tonnes in more_t]


def _new(one: Travellers) -> Cell:
    """Crossings at new control points, with the range of the constant assumed for them."""
    if one.new_crossings is None:
        return Cell("–")
    few, central, many = map(model.trips, one.new_crossings)
    return Cell(central, (("range", f"({few} – {many})"),))


def group_rows(comparison: Comparison, layers: PageLayers) -> Iterator[Row]:
    """Equivalent hours that each traveller group saves a day."""
    shown = comparison.travellers[TODAY]
    hours = pd.DataFrame({i: one.benefit.set_index("group")["saved_h"] for i, one in shown.items()})
    for group, row in hours.iterrows():
        name = model.group_name(layers.region, str(group))
        yield name, [Cell(signed(row[i], model.PEOPLE)) for i in shown]


def district_rows(comparison: Comparison, layers: PageLayers) -> Iterator[Row]:
    """Equivalent hours saved a day by district of residence, those with the largest change first."""
    shown, known = comparison.travellers[TODAY], names(layers.districts, "district_id")
    hours = pd.DataFrame(
        {i: one.benefit_by_district.set_index("district_id")["saved_half_h"] for i, one in shown.items()}
    )
    order = hours.abs().max(axis=1).sort_values(ascending=False, kind="stable").index[:TOP_DISTRICTS]
    for district in order:
        name = t("demand_outside") if district == OUTSIDE else known[str(district)]
        yield name, [Cell(signed(hours.loc[district, i], model.PEOPLE)) for i in shown]


def third_rows(shown: Mapping[str, Travellers]) -> Iterator[Row]:
    """Share of the trips with both ends in a third of the boundary that cross in it, and of all such trips."""
    shares = [dict(model.thirds(one)) for one in shown.values()]
    for name in shares[0]:
        yield name, [Cell(of[name][-1]) for of in shares]
    yield t("total"), [Cell(model.percent(one.same_third_share[0])) for one in shown.values()]
