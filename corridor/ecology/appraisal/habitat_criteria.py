"""Annex 8, Table 2: the rating of each habitat affected under eleven headings, of which some need a field survey."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from corridor.ecology.appraisal.impact_criteria import wildlife_reason
from corridor.ecology.appraisal.ledger import Compensation, kept_share
from corridor.ecology.appraisal.thresholds import HABITAT, REASONS, Reason, Thresholds
from corridor.ecology.impact.assess import EcologyResult
from corridor.ecology.land.land import NOT_ASSESSED, NOT_ASSESSED_CODE, Land
from corridor.schema.rows import NAMES

SURVEYED = ("diversity", "potential_value", "age", "abundance_richness")
"""Headings that need a field survey."""
ASSESSED_M = 500.0

Rating = tuple[int | None, float, Reason]


def habitat_ratings(
    result: EcologyResult, land: Land, table: Thresholds, ledger: Compensation, names: Mapping[str, Reason]
) -> pd.DataFrame:
    """Each habitat affected under the headings of Annex 8, Table 2.

    Affected ground is what the footprint takes or shades, and what is within 500 m of the sources of the phase that reaches
    more of it.

    Parameters
    ----------
    result, land
        A result and its land.
    table
        Steps and texts.
    ledger
        The multipliers; ``re_creatability`` is rated by 1 / ((1 - r)^years * delivery), hectares to create for each lost.
    names
        Names of habitats in three scripts, by id.

    Returns
    -------
    pandas.DataFrame
        Columns habitat_id, names, criterion, rating (0 to 3, missing where a survey is needed), value (the figure rated) and
        reasons in three scripts.
    """
    near = result.together.habitat_disturbance
    near = near[near["outer_m"] <= ASSESSED_M].groupby(["phase", "habitat_id"])["area_ha"].sum()
    near = near.groupby("habitat_id").max()
    take = result.together.habitat_take.groupby("habitat_id")["area_ha"].sum()
    affected = take.add(near, fill_value=0.0).drop(NOT_ASSESSED, errors="ignore").astype(float)
    shares, common = _shares(land), _of_all_habitats(result, table)
    rows: list[tuple[object, ...]] = []
    for habitat, area_ha in ((str(h), float(a)) for h, a in affected.items()):
        own = _of_habitat(habitat, area_ha, shares.get(habitat, 0.0), table, ledger)
        for heading in HABITAT:
            rating, value, reason = own.get(heading) or common[heading]
            rows.append((habitat, *names.get(habitat, (habitat,) * 3), heading, rating, value, *reason))
    columns = ["habitat_id", *NAMES, "criterion", "rating", "value", *REASONS]
    return pd.DataFrame(rows, columns=columns).astype({"rating": "Int64", "value": float})


def headings_not_assessed(table: Thresholds) -> pd.DataFrame:
    """Headings of Tables 2 and 3 that have no figure here: columns table, criterion, reasons in three scripts."""
    survey = table.say("survey")
    rows = [("Table 2", heading, *survey) for heading in SURVEYED]
    rows.append(("Table 2", "fragmentation", *table.say("elsewhere")))
    rows += [("Table 3", h, *survey) for h in ("protection_status", "distribution", "rarity")]
    return pd.DataFrame(rows, columns=["table", "criterion", *REASONS])


def _of_habitat(
    habitat: str, area_ha: float, share: float, table: Thresholds, ledger: Compensation
) -> dict[str, Rating]:
    """Ratings by what is known of the habitat itself."""
    row = ledger.habitats.loc[("central", habitat)]
    rate = float(ledger.general.loc["central", "discount_rate"])
    ratio = 1.0 / (float(kept_share(float(row["years_to_function"]), rate)) * float(row["delivery_factor"]))
    found: dict[str, Rating] = {
        "size": (table.level("size", area_ha), area_ha, table.say("hectares", ha=area_ha)),
        "rarity": (table.level("rarity", share), share, table.say("share", share=f"{share:.1%}")),
        "re_creatability": (
            table.level("re_creatability", ratio), ratio, table.say("ratio", ratio=f"{ratio:.2f}"),
        ),
    }  # fmt: skip
    if ("naturalness", habitat) in table.ratings:
        rating = table.ratings["naturalness", habitat]
        found["naturalness"] = (rating, float(rating), table.say("man_made"))
    return found


def _of_all_habitats(result: EcologyResult, table: Thresholds) -> dict[str, Rating]:
    """Ratings that are the same for every habitat of a result, or that need a survey."""
    found: dict[str, Rating] = {h: (None, float("nan"), table.say("survey")) for h in HABITAT}
    found["fragmentation"] = (None, float("nan"), table.say("elsewhere"))
    c = result.corridor_crossings
    touched = c[(c["area_ha"] > 0) | ((c["length_m"] > 0) & ~c["underground"].astype(bool))]
    count = int(touched["corridor_id"].nunique())
    linked = table.level("ecological_linkage", count)
    found["ecological_linkage"] = (linked, count, table.say("corridors", count=count))
    found["nursery"] = (0, float("nan"), table.say("no_wildlife"))
    nests = result.wildlife_conflicts[result.wildlife_conflicts["kind"] == "egretry"]
    for first in nests.sort_values("distance_m", kind="stable").head(1).to_dict("records"):
        distance_m = float(first["distance_m"])
        found["nursery"] = (table.level("species", distance_m), distance_m, wildlife_reason(table, first))
    return found


def _shares(land: Land) -> dict[str, float]:
    """The share of each habitat in the ground that is known, rows of a raster in degrees weighted by latitude."""
    rows = land.habitat.shape[0]
    north, step = land.transform.f, land.transform.e
    degrees = abs(north) <= 90
    weight = np.cos(np.radians(north + (np.arange(rows) + 0.5) * step)) if degrees else np.ones(rows)
    size = int(max(land.habitat.max(), land.nodata)) + 1
    counts = np.zeros(size)
    for row, w in zip(land.habitat, weight, strict=True):
        counts += w * np.bincount(row, minlength=size)
    counts[land.nodata] = 0.0
    total = counts.sum()
    known = land.names[land.names.index != NOT_ASSESSED_CODE]["habitat_id"]
    return {str(h): float(counts[c] / total) if c < size else 0.0 for c, h in known.items()}
