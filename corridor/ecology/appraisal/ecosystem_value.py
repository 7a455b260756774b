"""Gross ecosystem product of what is lost, with the user's own coefficients and only as a range.

No coefficients are shipped: published values per hectare differ tenfold for the same wetland (G05, G07, G09), and
Costanza et al. 2014 say of their own global values that they have no specific decision-making context (G04). Hectares
come first; this is arithmetic on what the user answers for.
"""

from __future__ import annotations

import pandas as pd

from corridor.core.errors import Problems, unknown
from corridor.ecology.land.checks import check_columns

COEFFICIENTS = ("habitat_id", "service", "low", "high", "currency", "source")
COLUMNS = ["service", "currency", "low", "high", "area_ha", "no_coefficient_ha", "habitats", "source"]


def ecosystem_value(areas_ha: pd.Series, coefficients: pd.DataFrame | None) -> pd.DataFrame:
    """The yearly value of areas as a range, by service and currency.

    ``areas_ha``: hectares by habitat_id (for example ``lost_for_good_ha`` of a ledger). ``coefficients``: habitat_id,
    service, low, high (currency per hectare and year), currency, source. Returns service, currency, low, high
    (currency a year), area_ha that has a coefficient for the service, no_coefficient_ha that has none (its value is
    unknown, not zero), the habitats counted and the sources. Raises LayerError without coefficients, for a habitat
    that the areas do not know, a range the wrong way round, a missing source, or one habitat and service twice.
    """
    table = coefficients if coefficients is not None else pd.DataFrame(columns=list(COEFFICIENTS))
    found = Problems()
    _check(found, areas_ha, table)
    found.raise_all()
    area = areas_ha.astype(float)
    rows = table.assign(area_ha=table["habitat_id"].map(area))
    rows = rows.assign(low=rows["low"].astype(float) * rows["area_ha"], high=rows["high"] * rows["area_ha"])
    out = rows.groupby(["service", "currency"], as_index=False, sort=True).agg(
        low=("low", "sum"),
        high=("high", "sum"),
        area_ha=("area_ha", "sum"),
        no_coefficient_ha=("habitat_id", lambda mine: float(area.drop(list(mine)).sum())),
        habitats=("habitat_id", " ".join),
        source=("source", lambda mine: "; ".join(dict.fromkeys(mine.astype(str)))),
    )
    return out[COLUMNS]


def _check(found: Problems, areas_ha: pd.Series, table: pd.DataFrame) -> None:
    where = "ecosystem value coefficients"
    if not check_columns(found, where, table, COEFFICIENTS):
        return
    if table.empty:
        expected = "your own table: " + ", ".join(COEFFICIENTS) + " per hectare and year"
        remedy = "give one; none is shipped, since published values differ tenfold"
        found.add(where, "none given", expected, remedy)
    known = {str(h) for h in areas_ha.index}
    for habitat in sorted(set(table["habitat_id"].astype(str)) - known):
        found.extend([unknown(where, "habitat", habitat, "a habitat_id", known)])
    keys = ["habitat_id", "service", "currency"]
    for habitat, service, currency in table.loc[table.duplicated(keys), keys].itertuples(index=False):
        found.add(f"{where}, {habitat} {service}", f"stands twice in {currency}", "one row", "drop one")
    for row in table.itertuples():
        at = f"{where}, {row.habitat_id} {row.service}"
        if not 0 <= float(row.low) <= float(row.high) < float("inf"):
            found.add(at, f"from {row.low} to {row.high}", "low to high, 0 or more", "correct it")
        if not isinstance(row.source, str) or not row.source.strip():
            found.add(at, "no source", "where it is from", "add it")
