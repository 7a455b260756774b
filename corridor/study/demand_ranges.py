"""Ranges of a demand report: its main figures at both ends of each uncertain assumption, one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from corridor.demand.benefit import benefits
from corridor.demand.predict import Demand
from corridor.demand.segments import Spell
from corridor.schema.rows import rows_of

if TYPE_CHECKING:
    from corridor.study.demand import DemandStudy
    from corridor.study.demand_report import DemandReport

PARAMETERS = (
    "choice_scale_per_min", "way_nest_coefficient", "destination_scale_per_min", "business_value_of_time_hkd_h",
    "total_elasticity", "new_line_constant_min", "group_clearance_part",
)  # fmt: skip
"""Of the table of parameters, those on which the main figures rest; the others make shares by day, thirds or CO2."""
SHARES, HOUR = "spell_shares", "departure_h"
"""Assumptions of the table of spells: the shares of all but the main spell together, and the hour of the main one."""
NEW, RELIEF, SAVED = "new_crossings_per_day", "relief_per_day", "saved_h"
COLUMNS = ["measure", "checkpoint_id", "parameter", "low", "high", "at_low", "central", "at_high"]


class End(NamedTuple):
    """An assumption at one of its ends, and the study that rests on it."""

    value: float
    study: DemandStudy


def ranges(report: DemandReport) -> pd.DataFrame:
    """The main figures of a report at both ends of each assumption, the others central.

    The model is calibrated anew wherever constants depend on the assumption, so that it carries the counts at both ends.

    Parameters
    ----------
    report
        A scenario against its reference.

    Returns
    -------
    pandas.DataFrame
        For each measure and assumption: measure (crossings a day at new control points, relief a day of the control point that
        is relieved most, equivalent hours saved a day), checkpoint_id of the relief, parameter, its low and high end, and the
        measure at the low end, centrally and at the high end. By measure, the assumption that moves it most comes first.
    """
    relieved = str(report.travellers.relief.idxmax())
    central = _measures(report.demand, report.reference, relieved)
    rows = []
    for parameter, ends in _ends(report.demand_study):
        found = [_measures(*_demands(report, end.study), relieved) for end in ends]
        for measure, value in central.items():
            place = relieved if measure == RELIEF else ""
            values = found[0][measure], value, found[1][measure]
            rows.append((measure, place, parameter, ends[0].value, ends[1].value, *values))
    table = pd.DataFrame(rows, columns=COLUMNS)
    spread = (table["at_high"] - table["at_low"]).abs()
    order = table.assign(of=table["measure"].map(list(central).index), spread=-spread)
    return table.loc[order.sort_values(["of", "spread"], kind="stable").index].reset_index(drop=True)


def extremes(table: pd.DataFrame) -> pd.DataFrame:
    """Of a table of :func:`ranges`, the lowest and the highest value of each measure, and the assumption it leans on most.

    Returns
    -------
    pandas.DataFrame
        measure, checkpoint_id, low, central, high, parameter.
    """
    by_measure = table.groupby("measure", sort=False)
    ends = table[["at_low", "central", "at_high"]]
    low, high = (getattr(ends, end)(axis=1).groupby(table["measure"], sort=False) for end in ("min", "max"))
    first = by_measure[["checkpoint_id", "central", "parameter"]].first()
    found = first.assign(low=low.min(), high=high.max()).reset_index()
    return found[["measure", "checkpoint_id", "low", "central", "high", "parameter"]]


def _ends(study: DemandStudy) -> Iterator[tuple[str, list[End]]]:
    """Each assumption with a range, at its low and its high end."""
    for parameter in PARAMETERS:
        low, _, high = study.parameters.ends(parameter)
        if low < high:
            yield parameter, [End(v, study.with_parameter(parameter, v)) for v in (low, high)]
    table = list(rows_of(study.study.catalog.table("demand_spells")))
    if len(table) > 1:
        yield SHARES, [_with_shares(study, table, end) for end in ("low", "high")]
    main, *others = study.spells
    if (low := float(table[0]["departure_low"])) < (high := float(table[0]["departure_high"])):
        yield HOUR, [End(h, study.with_spells((main._replace(departure_h=h), *others))) for h in (low, high)]


def _with_shares(study: DemandStudy, table: Sequence[Mapping[str, object]], end: str) -> End:
    """All spells but the main one at an end of their shares; the main one has the rest. Its value: their share on the way home."""
    main, *others = study.spells
    spells = [
        Spell(s.spell_id, s.departure_h, *(float(str(row[f"{way}_{end}"])) for way in ("outward", "return")))
        for s, row in zip(others, table[1:], strict=True)
    ]
    out, back = sum(s.outward_share for s in spells), sum(s.return_share for s in spells)
    rest = main._replace(outward_share=1 - out, return_share=1 - back)
    return End(back, study.with_spells((rest, *spells)))


def _demands(report: DemandReport, study: DemandStudy) -> tuple[Demand, Demand]:
    scenario, reference = (
        study.demand(i, period=report.period, day=report.day, state=report.state, own=report.own)
        for i in (report.scenario_id, report.reference_id)
    )
    return scenario, reference


def _measures(demand: Demand, reference: Demand, relieved: str) -> dict[str, float]:
    loads, before = _loads(demand), _loads(reference)
    saved = sum(b.logsum_min for b in benefits(demand, reference)) / 60
    measures = {RELIEF: float(before.get(relieved, 0.0) - loads.get(relieved, 0.0)), SAVED: float(saved)}
    new = ~loads.index.isin(demand.base.costs.gates)
    return {NEW: float(loads[new].sum())} | measures if new.any() else measures


def _loads(demand: Demand) -> pd.Series:
    """Trips a day by control point, both directions."""
    return pd.Series(demand.loads().sum(axis=0), index=list(demand.gates)).groupby(level=0).sum()
