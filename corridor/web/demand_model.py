"""What demand.html says of a report: the answer, control points, thirds, benefit and caveats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from corridor.drawing.i18n import STRINGS, fill, joined, listed, sentences, t, term
from corridor.drawing.numbers import figure, flagged, gravest, signed
from corridor.network.service import Checkpoint
from corridor.schema.region import Region
from corridor.schema.rows import names, rows_of
from corridor.schema.text import Text
from corridor.study.demand import THIRDS
from corridor.study.demand_ranges import RELIEF, extremes
from corridor.study.demand_report import OUTSIDE, DemandReport
from corridor.study.travellers import Travellers
from corridor.web.tables import Cell

LEAST_RELIEF = 500.0
"""Crossings a day below which relief of a control point is not part of the answer."""
TOP_DISTRICTS = 8
PEOPLE = "residents"
"""Travellers are rounded as residents are."""


@dataclass(frozen=True)
class Spot:
    """The name of a control point, and its hall on the north side in EPSG:4547 metres."""

    name: Text
    x_m: float
    y_m: float


@dataclass(frozen=True)
class Gate(Spot):
    """A control point of the scenario or its reference: crossings a day, both directions.

    Attributes
    ----------
    trips, reference
        Crossings a day in the scenario and in the reference.
    queue_min
        Queue of the worse direction, in minutes beyond that of the mean day of 2025; NaN where none is modelled.
    """

    checkpoint_id: str
    trips: float
    reference: float
    load: float
    """The busiest hour over the effective capacity, of the busier direction; NaN where unknown."""
    queue_min: float

    @property
    def change(self) -> float:
        """Crossings a day more than in the reference."""
        return self.trips - self.reference


def spots(report: DemandReport) -> dict[str, Spot]:
    """The control points of both networks of a report, by id."""
    return {i: Spot(_name(p), *p.north_xy_m) for i, p in report.checkpoints.items()}


def _name(point: Checkpoint) -> Text:
    return Text(en=point.names.en, zh_hant=point.names.zh_hant, zh_hans=point.names.zh_hans)


def gates(travellers: Travellers, known: Mapping[str, Spot]) -> list[Gate]:
    """All control points, the busiest of the scenario first.

    Load and queue are those of the worse direction.
    """
    return [
        Gate(
            **vars(known[row["checkpoint_id"]]),
            checkpoint_id=row["checkpoint_id"],
            trips=row["trips_per_day"],
            reference=row["reference_per_day"],
            load=row["load_of_capacity"],
            queue_min=row["queue_min"],
        )
        for row in rows_of(travellers.by_control_point.reset_index())
    ]


def title(report: DemandReport, scenario_id: str) -> Text:
    """The title of a scenario, marked by its flag."""
    scenario = report.demand_study.study.scenario(scenario_id)
    return flagged(scenario.title, scenario.flag)


def trips(value: float) -> str:
    """Crossings a day as printed, to the hundred."""
    return figure(value, PEOPLE)


def views(report: DemandReport) -> dict[str, Any]:
    """What demand.html.j2 reads, by its name there."""
    known = spots(report)
    found = gates(report.travellers, known)
    scenarios = [report.demand_study.study.scenario(i) for i in (report.scenario_id, report.reference_id)]
    return {
        "answer": answer(report.travellers, title(report, report.scenario_id), found),
        "report": report,
        "reference": title(report, report.reference_id),
        "own": own_data(report),
        "flag": gravest(s.flag for s in scenarios),
        "gates": [(g.name, gate_cells(g)) for g in found],
        "total": [
            trips(report.reference.total),
            trips(report.demand.total),
            signed(report.demand.total - report.reference.total, PEOPLE),
        ],
        "thirds": list(thirds(report.travellers)),
        "same_third": [*map(percent, report.travellers.same_third_share)],
        "groups": list(groups(report)),
        "districts": list(districts(report)),
        "left_out": max(len(report.benefit_by_district) - TOP_DISTRICTS, 0),
        "constants": constants(report, known),
        "parameters": list(parameters(report)),
        "ranges": list(ranges(report)),
    }


def own_data(report: DemandReport) -> Text | None:
    """Which files of a user's own took the place of shipped tables, in sentences; None where there are none."""
    if not report.own.given:
        return None
    said = [fill("demand_own_files", files=", ".join(path.name for path in report.own.given.values()))]
    if given := report.given_trips:
        said.append(
            fill("demand_own_trips", trips=trips(given.total - given.lost), counted=trips(given.counted))
        )
    return sentences(said)


# --- the answer ----------------------------------------------------------------------------------------


def answer(travellers: Travellers, name: Text, found: list[Gate]) -> Text:
    """What a scenario does, in one sentence: relief, use of what is new, and time saved.

    Parameters
    ----------
    travellers
        The tables of the scenario.
    name
        Its title.
    found
        See :func:`gates`.

    Returns
    -------
    Text
        Names up to two control points that are relieved by at least 500 crossings a day.
    """
    relieved = sorted((g for g in found if -g.change >= LEAST_RELIEF), key=lambda g: g.change)[:2]
    new = [g.name for g in found if g.reference == 0 and g.trips > 0]
    places = {f"{n}_place": g.name for n, g in zip(("first", "second"), relieved, strict=False)}
    counts = {n: trips(-g.change) for n, g in zip(("first", "second"), relieved, strict=False)}
    parts = [fill(f"demand_relief_{len(relieved)}", scenario=name, **places, **counts)]
    if new and travellers.new_crossings:
        few, central, many = map(trips, travellers.new_crossings)
        parts.append(fill("demand_new", trips=central, few=few, many=many, places=listed(new)))
    saved = travellers.saved_h
    parts.append(fill("demand_lost" if saved < 0 else "demand_saved", hours=trips(abs(saved))))
    return fill("figure_sentence", words=joined(parts, "list_semicolon"))


# --- control points and thirds -------------------------------------------------------------------------


def gate_cells(gate: Gate) -> list[Cell]:
    """The figures of a control point as printed: reference, scenario, change, load of the peak hour, queue."""
    load = percent(gate.load) if gate.load == gate.load else t("demand_unknown")
    queue = signed(gate.queue_min, "min") if gate.queue_min == gate.queue_min else t("demand_no_queue")
    values = [trips(gate.reference), trips(gate.trips), signed(gate.change, PEOPLE)]
    return [Cell(value) for value in (*values, load, queue)]


def thirds(travellers: Travellers) -> Iterator[tuple[Text, list[str]]]:
    """By third of the boundary, the trips with both ends in it, and how many of them cross in it.

    Yields
    ------
    tuple
        Name of the third, and as printed: trips a day of the scenario, share of the reference, share of the scenario.
    """
    table = travellers.thirds
    inside = table[table["south_third"] == table["north_third"]]
    for third in THIRDS:
        ends = inside[inside["south_third"] == third]
        crossing = ends[ends["crossing_third"] == third]
        columns = ["trips_per_day", "reference_per_day"]
        whole, there = (frame[columns].sum() for frame in (ends, crossing))
        shares = [percent(float(there[c] / whole[c])) if whole[c] > 0 else "–" for c in reversed(columns)]
        yield term("demand_third", third), [trips(whole["trips_per_day"]), *shares]


def percent(share: float) -> str:
    """A share as printed."""
    return f"{100 * share:.0f} %"


# --- benefit -------------------------------------------------------------------------------------------


def groups(report: DemandReport) -> Iterator[tuple[Text, list[str]]]:
    """Benefit of each traveller group and of all, a day.

    Yields
    ------
    tuple
        Name of the group, and as printed: hours saved, HKD saved, trips new, trips moved.
    """
    columns = ["saved_h", "saved_hkd", "trips_new", "trips_moved"]
    frame = report.benefit.set_index("group")[columns]
    frame.loc["all"] = frame.sum()
    for group, row in frame.iterrows():
        hours, hkd, new, moved = (float(v) for v in row)
        values = [signed(hours, PEOPLE), signed(hkd, PEOPLE), signed(new, PEOPLE), trips(moved)]
        yield group_name(report.demand_study.study.region, group), values


def group_name(region: Region, group: object) -> Text:
    """The name of a traveller group, in which residents are those of the south side."""
    key = f"demand_group_{group}"
    return fill(key, south=region.south.name) if key in STRINGS else term("demand_group", group)


def districts(report: DemandReport) -> Iterator[tuple[Text, str]]:
    """The eight districts with the largest change of equivalent hours a day, the largest first.

    Yields
    ------
    tuple
        Name, and hours as printed.
    """
    known = names(report.demand_study.study.districts, "district_id")
    frame = report.benefit_by_district.sort_values("saved_half_h", key=pd.Series.abs, ascending=False)
    for row in rows_of(frame.head(TOP_DISTRICTS)):
        beyond = row["district_id"] == OUTSIDE
        name = t("demand_outside") if beyond else known[row["district_id"]]
        yield name, signed(row["saved_half_h"], PEOPLE)


# --- caveats -------------------------------------------------------------------------------------------


def constants(report: DemandReport, known: Mapping[str, Spot]) -> Text | None:
    """Control points whose calibrated constants are large, in a sentence; None where none is.

    A large constant means that time and fare do not explain how many people use a control point.
    """
    large = report.constants[report.constants["large"]]
    if large.empty:
        return None
    spans = large.groupby("checkpoint_id")["constant_min"].agg(["min", "max"])
    order = spans.abs().max(axis=1).sort_values(ascending=False, kind="stable").index
    said = [
        fill(
            "demand_constant",
            place=known[i].name if i in known else Text(en=str(i)),
            low=figure(round(float(spans.loc[i, "min"]))),
            high=figure(round(float(spans.loc[i, "max"]))),
        )
        for i in order
    ]
    limit = figure(report.demand_study.parameters["large_constant_min"])
    return sentences([fill("demand_constants", limit=limit, values=joined(said)), t("demand_constants_note")])


def parameters(report: DemandReport) -> Iterator[tuple[Text, list[Text | str]]]:
    """The assumptions that move the results most: name, value, low and high end, confidence, source."""
    for row in rows_of(report.demand_study.parameters.table):
        key = f"demand_parameter_{row['parameter']}"
        if key in STRINGS:
            ends = fill("eco_range", low=_plain(row["low"]), high=_plain(row["high"]))
            yield t(key), [_plain(row["value"]), ends, str(row["confidence"]), str(row["source"])]


def _plain(value: object) -> str:
    return f"{float(str(value)):g}".replace("-", "−")


def ranges(report: DemandReport) -> Iterator[tuple[Text, list[Text | str]]]:
    """The main figures with their ranges; none where the report has none.

    Yields
    ------
    tuple
        Name of the figure, and as printed: low, central and high value, and the assumption that it leans on most.
    """
    if not report.with_ranges:
        return
    for row in rows_of(extremes(report.ranges)):
        place = _name(report.checkpoints[row["checkpoint_id"]]) if row["measure"] == RELIEF else ""
        values = [figure(row[end], PEOPLE) for end in ("low", "central", "high")]
        key = f"demand_parameter_{row['parameter']}"
        leans_on = t(key if key in STRINGS else f"demand_ranges_{row['parameter']}")
        yield fill(f"demand_ranges_{row['measure']}", place=place), [*values, leans_on]
