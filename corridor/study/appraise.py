"""The money, carbon and ecosystems of a comparison: the layers of a study and its results, put to the pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from corridor.ecology.impact.assess import stacked
from corridor.schema.catalog_entry import Role
from corridor.schema.rows import names
from corridor.schema.tables import EVERYBODY
from corridor.study import stages
from corridor.study.appraisal.account import valued
from corridor.study.appraisal.appraisal import Appraisal
from corridor.study.appraisal.benefit import (
    COLUMNS,
    DiscountRate,
    Horizon,
    benefit_cost,
    discount_rates,
    yearly_benefit,
)
from corridor.study.appraisal.carbon import carbon
from corridor.study.appraisal.cost import ENDS, against_published, beyond, priced, with_overrun
from corridor.study.appraisal.funding import funding
from corridor.study.demand import Values
from corridor.study.study import Study
from corridor.study.travellers import ByState

ROLES: tuple[Role, ...] = ("unit_costs", "appraisal_parameters", "discount_rates", "coastline")
"""Without one of these a comparison has no page of cost and value."""


def appraise(
    study: Study, scenario_ids: Sequence[str], reference_id: str, travellers: ByState, prices: pd.DataFrame | None = None
) -> Appraisal | None:  # fmt: skip
    """Work out cost, benefit, funding, carbon and the ecological account of scenarios.

    Parameters
    ----------
    study, scenario_ids, reference_id
        The study, the scenarios, and the one that changes are measured against.
    travellers
        What the demand model says of them; empty where demand is not modelled.
    prices
        A user's own table of funding; None for that of the catalogue.

    Returns
    -------
    Appraisal or None
        None where the catalogue lacks a table of :data:`ROLES`.
    """
    catalog = study.catalog
    if not all(catalog.having(role) for role in ROLES):
        return None
    rates = catalog.table("unit_costs")
    values = Values(catalog.table("appraisal_parameters"), "appraisal_parameters")
    overrun = values.ends("overrun_share")
    built = built_works(study, scenario_ids, reference_id)
    items = priced(built, rates)
    cost = pd.DataFrame(_costs(items, scenario_ids, overrun))
    discounted = discount_rates(catalog.table("discount_rates"))
    horizon = Horizon(round(values["works_years"]), round(values["appraisal_years"]))
    account = _account(study, scenario_ids)
    unit_values = catalog.table_if_any("ecosystem_values")
    published = catalog.table_if_any("published_costs")
    return Appraisal(
        items=items,
        cost=cost,
        price_year=int(rates["price_year"].max()),
        overrun=overrun,
        benefit_cost=_benefit_cost(study, cost, travellers, values, discounted, horizon),
        rates={rate.rate_id: rate.name for rate in discounted},
        horizon=horizon,
        funding=_funding(catalog.table_if_any("funding") if prices is None else prices, items, overrun),
        carbon=_carbon(catalog.table_if_any("construction_carbon"), built, scenario_ids, travellers, values),
        account=account,
        ecosystem_values=valued(account, unit_values, ["scenario_id"])
        if len(account) and len(unit_values)
        else pd.DataFrame(),
        calibrations=dict(names(unit_values, "calibration").by_id),
        checks=against_published(published, rates) if len(published) else pd.DataFrame(),
    )  # fmt: skip


def built_works(study: Study, scenario_ids: Sequence[str], reference_id: str) -> pd.DataFrame:
    """Measure what every scenario builds, and which of it the reference does not.

    Returns
    -------
    pandas.DataFrame
        scenario_id, line_id, added (beyond the reference), item, unit, quantity.
    """
    reference = study.stages.of(stages.BUILT, reference_id)
    built = {i: study.stages.of(stages.BUILT, i) for i in scenario_ids}
    frames = [rows.assign(scenario_id=i, added=beyond(rows, reference)) for i, rows in built.items()]
    return stacked(frames)[["scenario_id", "line_id", "added", "item", "unit", "quantity"]]


def _costs(
    items: pd.DataFrame, scenario_ids: Sequence[str], overrun: tuple[float, float, float]
) -> Iterator[dict[str, Any]]:
    """Sums by scenario; one that builds nothing costs nothing in rail works."""
    for scenario_id in scenario_ids:
        own = items[items["scenario_id"] == scenario_id]
        for scope, rows in (("added", own[own["added"].astype(bool)]), ("all", own)):
            before = rows[ENDS].sum()
            for within, ends in ((False, before), (True, with_overrun(before, overrun))):
                yield {"scenario_id": scenario_id, "scope": scope, "overrun": within, **ends.to_dict()}


def _benefit_cost(
    study: Study,
    cost: pd.DataFrame,
    travellers: ByState,
    values: Values,
    rates: Sequence[DiscountRate],
    horizon: Horizon,
) -> pd.DataFrame:
    if not travellers or not study.catalog.having("value_of_time"):
        return pd.DataFrame(columns=list(COLUMNS))
    worth, days = _values_of_time(study), values["days_per_year"]
    benefits = {
        (state, i): yearly_benefit(one.benefit, worth, days)
        for state, shown in travellers.items()
        for i, one in shown.items()
    }
    added = cost[(cost["scope"] == "added") & cost["overrun"]].set_index("scenario_id")
    everybody = worth.loc[EVERYBODY]
    mean = float(everybody["low"]), float(everybody["high"])
    return benefit_cost(added, benefits, rates, horizon, mean, days)


def _values_of_time(study: Study) -> pd.DataFrame:
    """Low and high value of time of the groups of the demand model, and of all travellers together."""
    table = study.catalog.table("value_of_time").set_index("group_id")[["low", "high"]]
    groups = study.catalog.table("demand_groups")
    everybody = table.loc[EVERYBODY] if EVERYBODY in table.index else table.mean()
    own = table.reindex(groups["value_of_time_group"]).fillna(everybody).set_axis(groups["group_id"])
    return pd.concat([own, everybody.rename(EVERYBODY).to_frame().T])


def _funding(table: pd.DataFrame, items: pd.DataFrame, overrun: tuple[float, float, float]) -> pd.DataFrame:
    """Funding of the lines that are built; of a line that scenarios build in several ways, the dearest."""
    central = items.groupby(["scenario_id", "line_id"])["central"].sum().groupby("line_id").max()
    return funding(
        table[table["line_id"].isin(central.index)].reset_index(drop=True), central * (1 + overrun[1])
    )


def _carbon(
    factors: pd.DataFrame, built: pd.DataFrame, scenario_ids: Sequence[str], travellers: ByState, values: Values
) -> pd.DataFrame:  # fmt: skip
    shown: Mapping[str, Any] = next(iter(travellers.values()), {})
    saved = {
        i: float((one.co2["reference_co2_kg"] - one.co2["co2_kg"]).sum()) / 1000 * values["days_per_year"]
        for i, one in shown.items()
    }
    return carbon(priced(built[built["added"].astype(bool)], factors), scenario_ids, saved)


def _account(study: Study, scenario_ids: Sequence[str]) -> pd.DataFrame:
    whole = stacked([study.stages.of(stages.ACCOUNT, i).assign(scenario_id=i) for i in scenario_ids])
    return whole[["scenario_id", *whole.columns.drop("scenario_id")]]
