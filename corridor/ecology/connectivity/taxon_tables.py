"""Focal species: how far each disperses, where it lives, and the resistance of each ground to it.

Only species that walk or swim: waterbirds fly and are judged by flight paths and roosts, never by circuits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from corridor.core.errors import Problems
from corridor.ecology.land.checks import check_columns
from corridor.schema.tables import CASES, TABLES, TAXON_KINDS, Case

WORKS_SURFACE, WORKS_VIADUCT, WORKS_TEMPORARY = "works_surface", "works_viaduct", "works_temporary"
WORKS = (WORKS_SURFACE, WORKS_VIADUCT, WORKS_TEMPORARY)
TAXA_FILE, RESISTANCE_FILE = "ecology/taxa.csv", "ecology/resistance.csv"


@dataclass(frozen=True)
class Taxon:
    """A focal species as the methods need it: dispersal, habitats, and the resistance of each ground (None: nothing passes).

    ``median_dispersal_m`` is passed by half of the young that leave; ``resistances`` holds (low, central, high)
    by habitat id and by kind of works, relative to its own habitat.
    """

    taxon_id: str
    median_dispersal_m: float
    core_habitats: tuple[str, ...]
    minimum_patch_ha: float
    resistances: Mapping[str, tuple[float, float, float] | None]

    def resistance(self, ground: str, case: Case) -> float:
        """The resistance of a ground in one case, 1 or more, relative to the species' own habitat; NaN where nothing passes.

        ``ground`` is a habitat id or a kind of works (:data:`WORKS`).
        """
        values = self.resistances[ground]
        return float("nan") if values is None else values[CASES.index(case)]


def read_taxa(taxa: pd.DataFrame, resistance: pd.DataFrame, habitat_ids: Sequence[str]) -> tuple[Taxon, ...]:
    """The focal species of two tables (columns as of the roles taxa and taxon_resistance).

    Each species needs a row of resistance for every habitat class and every kind of works. Raises
    :class:`LayerError` or :class:`MissingColumnError` with every fault.
    """
    with Problems() as found:
        for role, frame, file in (
            ("taxa", taxa, TAXA_FILE),
            ("taxon_resistance", resistance, RESISTANCE_FILE),
        ):
            check_columns(found, file, frame, TABLES[role].required)
    grounds = {str(t): _grounds(rows) for t, rows in resistance.groupby("taxon_id", sort=False)}
    with Problems() as found:
        _check_taxa(found, taxa, habitat_ids)
        _check_resistances(found, taxa, grounds, habitat_ids)
    return tuple(
        Taxon(
            taxon_id=str(row["taxon_id"]),
            median_dispersal_m=float(row["median_dispersal_m"]),
            core_habitats=tuple(str(row["core_habitats"]).split()),
            minimum_patch_ha=float(row["minimum_patch_ha"]),
            resistances=grounds[str(row["taxon_id"])],
        )
        for row in taxa.to_dict("records")
    )


def _grounds(rows: pd.DataFrame) -> dict[str, tuple[float, float, float] | None]:
    values = rows[list(CASES)].to_numpy(dtype=float)
    barrier = rows["barrier"].to_numpy(dtype=float) == 1
    return {
        str(g): None if b else (float(v[0]), float(v[1]), float(v[2]))
        for g, b, v in zip(rows["ground"], barrier, values, strict=True)
    }


def _check_taxa(found: Problems, taxa: pd.DataFrame, habitat_ids: Sequence[str]) -> None:
    for row in taxa.itertuples():
        where = f"{TAXA_FILE}, {row.taxon_id}"
        if row.kind == "flying":
            remedy = "drop the row: flight paths and roosts judge it"
            found.add(where, "kind 'flying'", "an animal that walks or swims", remedy)
        elif row.kind not in TAXON_KINDS:
            found.add(where, f"kind {row.kind!r}", "one of " + ", ".join(TAXON_KINDS), "correct it")
        if unknown := sorted(set(str(row.core_habitats).split()) - set(habitat_ids)):
            what = "core habitat " + ", ".join(unknown)
            found.add(where, what, "habitat ids of the classes", "correct the name")
        if not row.maximum_dispersal_m >= row.median_dispersal_m > 0:
            what = f"dispersal {row.median_dispersal_m} m, at most {row.maximum_dispersal_m} m"
            found.add(where, what, "0 < median <= maximum", "correct the distances")


def _check_resistances(
    found: Problems, taxa: pd.DataFrame, grounds: Mapping[str, Mapping[str, Any]], habitat_ids: Sequence[str]
) -> None:
    for taxon in taxa["taxon_id"]:
        where, rows = f"{RESISTANCE_FILE}, {taxon}", grounds.get(str(taxon), {})
        missing = [g for g in (*habitat_ids, *WORKS) if g not in rows]
        if missing:
            expected = "a row for each habitat class and kind of works"
            found.add(where, "no row for " + ", ".join(missing), expected, "add it to " + RESISTANCE_FILE)
        for ground, values in rows.items():
            if values is not None and not (1 <= values[0] <= values[1] <= values[2] < np.inf):
                what = f"{ground}: {values[0]:g}, {values[1]:g}, {values[2]:g}"
                remedy = "correct them, or write barrier 1 and no values where nothing passes"
                found.add(where, what, "1 <= low <= central <= high", remedy)
        if not missing and _stops_more(rows[WORKS_VIADUCT], rows[WORKS_SURFACE]):
            what = "a viaduct that stops more than works at the surface"
            found.add(where, what, f"{WORKS_VIADUCT} <= {WORKS_SURFACE}", "correct the rows")


def _stops_more(a: tuple[float, ...] | None, b: tuple[float, ...] | None) -> bool:
    barrier = (np.inf,) * len(CASES)
    return any(x > y for x, y in zip(a or barrier, b or barrier, strict=True))
