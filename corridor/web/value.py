"""value.html: what the rail works cost, what travellers save, who could pay, carbon, and one ecological account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from corridor.drawing.i18n import fill, t, term
from corridor.drawing.numbers import figure, hectares, signed
from corridor.schema.region import Region
from corridor.schema.rows import Names, names, row_name, rows_of, text_of
from corridor.schema.text import Text
from corridor.study.appraisal.account import ELSEWHERE, summed
from corridor.study.appraisal.appraisal import Appraisal
from corridor.study.appraisal.funding import PUBLISHED
from corridor.study.comparison import Comparison
from corridor.web.site import Site
from corridor.web.tables import Cell, Row, line_names

NOTHING = Cell("–")


def write_value(site: Site, path: Path) -> None:
    """Write value.html.

    Parameters
    ----------
    site
        A comparison with an appraisal, and the layers whose attributions are printed.
    path
        The file. An earlier one stays where this one cannot be written.

    Raises
    ------
    LayerError, AssetError
        As :func:`corridor.web.site.Site.write_from`.
    """
    comparison, layers = site.comparison, site.layers
    found = comparison.appraisal
    assert found is not None, "a comparison with an appraisal"
    ids = list(comparison.results)
    built = [i for i in ids if len(comparison.results[i].footprint)]
    site.write_from(
        "value.html.j2",
        path,
        t("page_value"),
        ids=ids,
        built=built,
        year=found.price_year,
        costs=list(_costs(found, ids)),
        overrun=[f"{100 * share:g}" for share in found.overrun],
        items=_items(comparison, found),
        checks=[(row_name(r), row_name(r, "note"), span(r), figure(r["published_hkd_bn"]), text_of(r["source"])) for r in rows_of(found.checks)],
        benefits=[(term("demand_land", state), list(_benefits(comparison, found, state))) for state in comparison.travellers],
        horizon=found.horizon,
        funding=_funding(comparison, found),
        carbon=list(_carbon(found, ids)),
        account=list(_account(found, built, layers.region)),
        habitats=list(_habitats(found, built, names(layers.habitats, "habitat_id"))),
        values=list(_values(found, built)),
        value_note=_value_note(found),
    )  # fmt: skip


def span(row: Any, low: str = "low", high: str = "high") -> str:
    """Both ends of a range as read; one figure where they are the same to the eye."""
    ends = [figure(row[name]) for name in (low, high)]
    return ends[0] if ends[0] == ends[1] else " – ".join(ends)


# --- money ---


def _costs(found: Appraisal, ids: Sequence[str]) -> Iterator[Row]:
    for key, scope, overrun in (
        ("value_added", "added", True), ("value_added_before", "added", False), ("value_all", "all", True),
    ):  # fmt: skip
        yield t(key), [_cost(found.cost_of(i, scope, overrun)) for i in ids]


def _cost(cost: pd.Series) -> Cell:
    if cost["high"] == 0:
        return Cell("0", (("range", t("value_no_works")),))
    return Cell(span(cost), (("range", fill("value_base", value=figure(cost["central"]))),))


def _items(comparison: Comparison, found: Appraisal) -> list[tuple[Text, Text, Text, str, list[str]]]:
    """Line, item, quantity and cost of what is built alike, with the scenarios that build it."""
    lines, alike = (
        line_names(comparison),
        dict[tuple[str, str, str, float], tuple[dict[str, Any], list[str]]](),
    )
    for row in rows_of(found.items):
        key = (row["line_id"], row["item"], row["unit"], round(row["quantity"], 3))
        alike.setdefault(key, (row, []))[1].append(row["scenario_id"])
    return [
        (lines[line], term("item", item), fill("value_km" if unit == "km" else "value_stations", value=figure(quantity)), span(row), ids)
        for (line, item, unit, quantity), (row, ids) in alike.items()
    ]  # fmt: skip


def _benefits(comparison: Comparison, found: Appraisal, state: str) -> Iterator[Row]:
    """A row a discount rate, the hours that are saved, and the hours that would be needed."""
    ids, table = list(comparison.results), found.benefit_cost
    here = table[table["land_state"] == state].set_index(["rate_id", "scenario_id"])
    for rate_id, name in found.rates.items():
        yield name, [_ratio(here.loc[(rate_id, i)]) for i in ids]
    saved = comparison.travellers[state]
    yield t("value_saved_h"), [Cell(signed(saved[i].saved_h, "h/day")) for i in ids]
    ends = here.groupby("scenario_id").agg(low=("break_even_h_low", "min"), high=("break_even_h_high", "max"))
    yield t("value_break_even"), [_needed(ends.loc[i]) for i in ids]


def _ratio(row: pd.Series) -> Cell:
    if np.isnan(row["ratio_low"]):
        return Cell("–", (("range", t("value_no_ratio")),))
    return Cell(span(row, "ratio_low", "ratio_high"))


def _needed(ends: pd.Series) -> Cell:
    return NOTHING if np.isnan(ends["low"]) else Cell(" – ".join(figure(v, "h/day") for v in ends))


def _funding(comparison: Comparison, found: Appraisal) -> tuple[list[Text], list[Row]]:
    """Lines, and for each way to pay a cell for each line."""
    lines, table = line_names(comparison), found.funding
    ids = list(dict.fromkeys(table["line_id"]))
    cells = {(row["instrument"], row["line_id"]): _amount(row) for row in rows_of(table)}
    instruments = dict.fromkeys(table["instrument"])
    rows = [(term("instrument", way), [cells.get((way, i), NOTHING) for i in ids]) for way in instruments]
    return [lines[i] for i in ids], rows


def _amount(row: Mapping[str, Any]) -> Cell:
    amount, note = row["amount_hkd_bn"], row_name(row, "note")
    small: list[tuple[str, str | Text]] = [("range", term("basis", row["basis"]))]
    if row["basis"] == PUBLISHED:
        small.append(("range", text_of(row["source"])))
    if note.en:
        small.append(("range", note))
    return Cell("–" if np.isnan(amount) else f"{amount:,.2f}".rstrip("0").rstrip("."), tuple(small))


# --- carbon ---


def _carbon(found: Appraisal, ids: Sequence[str]) -> Iterator[Row]:
    by_id = found.carbon.set_index("scenario_id").loc[list(ids)]
    rows = [row for _, row in by_id.iterrows()]
    thousand = by_id[["construction_low", "construction_high", "travel_saved_t_year"]] / 1000
    built = [span(r, "construction_low", "construction_high") for _, r in thousand.iterrows()]
    yield t("value_construction"), [Cell(tonnes) for tonnes in built]
    yield t("value_not_assessed_km"), [Cell(figure(r["not_assessed_km"])) for r in rows]
    yield t("value_travel"), [Cell(signed(v)) for v in thousand["travel_saved_t_year"]]
    yield t("value_repaid"), [_repaid(r) for r in rows]


def _repaid(row: pd.Series) -> Cell:
    if np.isinf(row["repaid_years_low"]):
        return Cell(t("value_never"))
    return Cell(span(row, "repaid_years_low", "repaid_years_high"))


# --- nature ---


def _natural(found: Appraisal) -> pd.DataFrame:
    """The account without habitats that have no quality anywhere: built-up land."""
    account = found.account
    if account.empty:
        return account
    living = account.groupby("habitat_id")["quality_before_ha"].transform("max") > 0
    return account[living]


def _account(found: Appraisal, built: Sequence[str], region: Region) -> Iterator[Row]:
    account = _natural(found)
    if account.empty or not built:
        return
    sides = {**region.names, ELSEWHERE: t("value_elsewhere")}
    by_side = summed(account, ["scenario_id", "side"]).set_index(["side", "scenario_id"])
    whole = summed(account, ["scenario_id"]).assign(side="").set_index(["side", "scenario_id"])
    for side, name, table in [*((s, n, by_side) for s, n in sides.items()), ("", t("value_total"), whole)]:
        if side in table.index.get_level_values("side"):
            rows = [table.loc[(side, i)] for i in built]
            area = figure(round(max(r["area_ha"] for r in rows)))
            taken = [Cell(hectares(r["taken_ha"])) for r in rows]
            yield fill("value_side_taken", side=name, area=area), taken
            yield fill("value_side_condition", side=name), [_condition(r) for r in rows]


def _condition(row: pd.Series) -> Cell:
    before, after = (f"{row[name]:.4f}" for name in ("condition_before", "condition_after"))
    return Cell(
        f"{before} → {after}",
        (("change", f"−{hectares(row['quality_lost_ha'])} ha"),) if row["quality_lost_ha"] > 0 else (),
    )


def _habitats(found: Appraisal, built: Sequence[str], known: Names) -> Iterator[Row]:
    account = _natural(found)
    if account.empty or not built:
        return
    table = summed(account, ["habitat_id", "scenario_id"]).set_index(["habitat_id", "scenario_id"])
    lost = table.groupby("habitat_id", sort=False)["quality_lost_ha"].max()
    for habitat in lost[lost > 0].sort_values(ascending=False, kind="stable").index:
        rows = [table.loc[(habitat, i)] for i in built]
        said = [(hectares(r["taken_ha"]), hectares(r["quality_lost_ha"])) for r in rows]
        yield known[habitat], [Cell(taken, (("change", f"−{less}"),)) for taken, less in said]


def _values(found: Appraisal, built: Sequence[str]) -> Iterator[Row]:
    if found.ecosystem_values.empty:
        return
    table = found.ecosystem_values.set_index(["calibration", "scenario_id"])
    for calibration, name in found.calibrations.items():
        rows = [table.loc[(calibration, i)] for i in built]
        if rows:
            before = fill("value_before", value=figure(rows[0]["before_cny_m"]))
            yield name, [Cell(signed(r["change_cny_m"]), (("range", before),)) for r in rows]


def _value_note(found: Appraisal) -> Text | None:
    if found.ecosystem_values.empty:
        return None
    values = found.ecosystem_values
    ends = values["assessed_ha"].max(), values["not_assessed_ha"].min()
    assessed, unknown = (figure(round(area)) for area in ends)
    return fill("value_gep_note", assessed=assessed, unknown=unknown)
