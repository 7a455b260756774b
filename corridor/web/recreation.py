"""Access to green corridors and parks, as tables of nature.html."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from corridor.drawing.i18n import fill, t
from corridor.drawing.numbers import figure, flagged, signed
from corridor.schema.rows import names
from corridor.schema.text import Text
from corridor.study.comparison import Comparison
from corridor.study.recreation import MINUTES, Recreation
from corridor.web.layers import PageLayers
from corridor.web.tables import Cell

PEOPLE = "residents"


@dataclass(frozen=True)
class RecreationTables:
    """What the page prints.

    Attributes
    ----------
    heads
        Of both tables: a column for each cut-off.
    scenarios
        Scenario ids, the reference first, with a cell for each cut-off; those alike in one row.
    district_heads, districts
        Of the table by district: shares within each cut-off, then urban nature.
    near_note, districts_note
        What is assumed.
    """

    heads: list[Text]
    scenarios: list[tuple[list[str], list[Cell]]]
    district_heads: list[Text]
    districts: list[tuple[Text, list[Cell]]]
    near_note: Text
    districts_note: Text | None


def recreation_tables(comparison: Comparison, layers: PageLayers) -> RecreationTables | None:
    """Rows by scenario and by district; None where the study has no entrances.

    Parameters
    ----------
    comparison
        The comparison.
    layers
        For names of districts.
    """
    found = comparison.recreation
    if found is None:
        return None
    reference = comparison.results[comparison.reference_id]
    hour = next(iter(reference.reach), "")
    heads = [fill("recreation_within", minutes=str(m)) for m in MINUTES]
    nature = (
        [t(f"recreation_{k}") for k in ("open_space", "balance", "below", "green")]
        if len(found.nature)
        else []
    )
    return RecreationTables(
        heads,
        _by_scenario(comparison, found.near),
        [t("recreation_residents"), *heads, *nature],
        _by_district(comparison.reference_id, found, layers),
        fill("recreation_near_note", count=str(len(found.entrances)), hour=hour),
        _note(found, flagged(reference.title, reference.flag)) if nature else None,
    )  # fmt: skip


def _note(found: Recreation, reference: Text) -> Text:
    near, far = (figure(found.standard[f"{k}_radius_m"]) for k in ("open_space", "green"))
    standard = figure(found.standard["open_space_m2"])
    return fill("recreation_districts_note", reference=reference, near=near, far=far, standard=standard)


def _by_scenario(comparison: Comparison, near: pd.DataFrame) -> list[tuple[list[str], list[Cell]]]:
    """The reference, then the scenarios that change something; those whose figures read the same in one row."""
    sums = near.pivot_table("residents", "scenario_id", "minutes", aggfunc="sum")
    before = sums.loc[comparison.reference_id]
    alike: dict[tuple[Cell, ...], list[str]] = {}
    for scenario_id in comparison.results:
        now = sums.loc[scenario_id]
        cells = tuple(
            Cell(figure(now[m], PEOPLE), (("change", signed(now[m] - before[m], PEOPLE)),) if now[m] != before[m] else ())
            for m in MINUTES
        )  # fmt: skip
        alike.setdefault(cells, []).append(scenario_id)
    rows = [(ids, list(cells)) for cells, ids in alike.items()]
    own = next(ids for ids, _ in rows if comparison.reference_id in ids)
    own[:] = [comparison.reference_id]
    return sorted(rows, key=lambda row: row[0] != own)


def _by_district(reference_id: str, found: Recreation, layers: PageLayers) -> list[tuple[Text, list[Cell]]]:
    named = names(layers.districts, "district_id")
    near = found.near[found.near["scenario_id"] == reference_id]
    shares = near.pivot_table("share", "district_id", "minutes")
    nature = found.nature.set_index("district_id") if len(found.nature) else pd.DataFrame(index=shares.index)
    people = near[near["minutes"] == MINUTES[0]].set_index("district_id")["district_residents"]
    rows = []
    for district_id, row in shares.iterrows():
        cells = [Cell(figure(people[district_id], PEOPLE)), *(Cell(f"{row[m]:.0%}") for m in MINUTES)]
        cells += [
            Cell(t("nodes_not_assessed") if np.isnan(v := float(nature.loc[district_id, c])) else said(v, unit))
            for c, said, unit in (("open_space_m2", figure, ""), ("balance_m2", signed, ""), ("below", figure, PEOPLE), ("green_m2", figure, ""))
            if c in nature
        ]  # fmt: skip
        rows.append((named[str(district_id)], cells))
    return rows
