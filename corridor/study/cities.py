"""The cities of a wider area: how strongly each pair is linked, and what scenarios change between the two of the study."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from corridor.core.crs import project_xy
from corridor.schema.catalog import Catalog
from corridor.schema.catalog_entry import Role
from corridor.study.criteria import MORNING
from corridor.study.demand import Values

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROLES: tuple[Role, ...] = ("cities", "appraisal_parameters")
EXPONENT = "city_distance_exponent"
"""Row of ``appraisal_parameters``. Without it or a table of :data:`ROLES` a comparison has no page of cities."""
SHORTER_MIN = 5.0
"""Minutes by which a journey between hubs must change to count: below it lies within what clearance times leave open."""


@dataclass(frozen=True)
class Cities:
    """Layers of roles ``cities`` and ``city_rail`` with what follows from them.

    Attributes
    ----------
    table
        The layer ``cities`` with ``linkage`` (sum over the other cities of the central strength, 100 for the strongest city),
        ``rank``, and ``rank_low`` and ``rank_high`` over the exponents; the strongest city first.
    pairs
        from_city, to_city, distance_km, strength, strength_low, strength_high (100 for the strongest pair at each exponent),
        rank, corridor (``across``, ``one_end`` or ``beyond``), and the columns of ``city_rail``; the strongest pair first.
    agreement
        exponent, cities, spearman: the rank correlation of linkage with the published classes.
    corridors
        scenario_id, ways, shorter, mean_min, change_min, best_from, best_to, best_change_min: journeys between the hubs of the
        two sides, from south to north at 08:30.
    exponents
        The low, central and high exponent of distance.
    """

    table: pd.DataFrame
    pairs: pd.DataFrame
    agreement: pd.DataFrame
    corridors: pd.DataFrame
    exponents: tuple[float, float, float]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """What is written beside the page, by name."""
        return {
            "cities": self.table, "city_pairs": self.pairs, "city_rank_agreement": self.agreement,
            "city_corridors": self.corridors,
        }  # fmt: skip


def cities(
    catalog: Catalog, hub_minutes: pd.DataFrame, places: pd.DataFrame, reference_id: str
) -> Cities | None:
    """Link the cities of a catalogue, and hold the scenarios of a comparison against them.

    Parameters
    ----------
    catalog
        With the layers.
    hub_minutes
        :attr:`corridor.study.comparison.Comparison.hub_minutes`.
    places
        place_id and region of the hubs.
    reference_id
        The scenario that changes are measured against.

    Returns
    -------
    Cities or None
        None where the catalogue lacks a table of :data:`ROLES`, or the exponent.
    """
    if not all(catalog.having(role) for role in ROLES):
        return None
    parameters = catalog.table("appraisal_parameters")
    if EXPONENT not in set(parameters["parameter"]):
        return None
    exponents = Values(parameters, "appraisal_parameters").ends(EXPONENT)
    known = catalog.table("cities")
    pairs, strengths = _pairs(known, exponents, catalog.region.sides)
    linked, agreement = _ranked(known, pairs, strengths, exponents)
    return Cities(
        table=linked,
        pairs=_with_rail(pairs, catalog.table_if_any("city_rail")),
        agreement=agreement,
        corridors=_corridors(hub_minutes, places, catalog.region.sides, reference_id),
        exponents=exponents,
    )


def linkage(
    population: NDArray[np.float64],
    gdp: NDArray[np.float64],
    distance_km: NDArray[np.float64],
    exponent: float,
) -> NDArray[np.float64]:
    """The gravity strength of every pair of cities.

    ``S_ij = sqrt(P_i G_i) sqrt(P_j G_j) / d_ij^b``: the mass of a city is the geometric mean of its residents and its GDP. A
    boundary does not enter it, so that pairs across one look stronger than they are.

    Parameters
    ----------
    population, gdp
        (city,) residents and GDP; NaN where unknown.
    distance_km
        (city, city) kilometres; the diagonal is not read.
    exponent
        b, of distance.

    Returns
    -------
    numpy.ndarray
        (city, city), 100 for the strongest pair, 0 on the diagonal, NaN where a city is not known.

    Examples
    --------
    >>> far = np.array([[0.0, 10, 20], [10, 0, 10], [20, 10, 0]])
    >>> linkage(np.ones(3), np.ones(3), far, 2)[0].tolist()
    [0.0, 100.0, 25.0]
    """
    mass = np.sqrt(population * gdp)
    apart = distance_km + np.eye(len(mass))
    found = np.outer(mass, mass) / apart**exponent * (1 - np.eye(len(mass)))
    return np.asarray(100.0 * found / np.nanmax(found))


def _pairs(
    known: pd.DataFrame, exponents: tuple[float, ...], sides: tuple[str, ...]
) -> tuple[pd.DataFrame, list[NDArray[np.float64]]]:
    """Every pair of cities, and the strengths of all at each exponent."""
    x_m, y_m = project_xy(known["lon"].to_numpy(float), known["lat"].to_numpy(float))
    distance_km = np.hypot(x_m[:, None] - x_m, y_m[:, None] - y_m) / 1000
    masses = known["population"].to_numpy(float), known["gdp_usd_bn"].to_numpy(float)
    strengths = [linkage(*masses, distance_km, exponent) for exponent in exponents]
    ids, region = list(known["city_id"]), list(known["region"].fillna(""))
    rows = []
    for i, j in combinations(range(len(ids)), 2):
        own = {region[i], region[j]} & set(sides)
        found = [float(strength[i, j]) for strength in strengths]
        rows.append({
            "from_city": ids[i], "to_city": ids[j], "distance_km": float(distance_km[i, j]), "strength": found[1],
            "strength_low": min(found), "strength_high": max(found),
            "corridor": ("beyond", "one_end", "across")[len(own)],
        })  # fmt: skip
    pairs = pd.DataFrame(rows).sort_values("strength", ascending=False, kind="stable", ignore_index=True)
    return pairs.assign(rank=np.arange(1, len(pairs) + 1)), strengths


def _ranked(
    known: pd.DataFrame,
    pairs: pd.DataFrame,
    strengths: list[NDArray[np.float64]],
    exponents: tuple[float, ...],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cities by their linkage, and how their order agrees with the published classes."""
    sums = pd.DataFrame({e: np.nansum(s, axis=1) for e, s in zip(exponents, strengths, strict=True)})
    ranks = sums.rank(ascending=False, method="min").astype(int)
    listed = known["published_class"].notna().to_numpy()
    agreement = pd.DataFrame([
        {
            "exponent": e, "cities": int(listed.sum()),
            "spearman": _rank_correlation(ranks.loc[listed, e], known.loc[listed, "published_class"])
            if listed.sum() > 2 else np.nan,
        }
        for e in exponents
    ])  # fmt: skip
    central = sums[exponents[1]]
    linked = known.assign(
        linkage=100 * central / central.max(),
        rank=ranks[exponents[1]],
        rank_low=ranks.min(axis=1),
        rank_high=ranks.max(axis=1),
    )
    return linked.sort_values("rank", kind="stable", ignore_index=True), agreement


def _rank_correlation(a: pd.Series, b: pd.Series) -> float:
    """Spearman's coefficient: Pearson's of the ranks, equal values sharing their mean (SciPy's is slow to load)."""
    return float(np.corrcoef(a.rank(), b.rank())[0, 1])


def _with_rail(pairs: pd.DataFrame, rail: pd.DataFrame) -> pd.DataFrame:
    """Pairs with the published time of a direct train, in whichever direction the table names it."""
    back = rail.rename(columns={"from_city": "to_city", "to_city": "from_city"})
    both = pd.concat([rail, back], ignore_index=True) if len(rail) else rail
    return pairs.merge(both, on=["from_city", "to_city"], how="left", validate="one_to_one")


def _corridors(
    hub_minutes: pd.DataFrame, places: pd.DataFrame, sides: tuple[str, ...], reference_id: str
) -> pd.DataFrame:
    """What each scenario changes between the hubs of the two sides, northbound in the morning."""
    side = dict(zip(places["place_id"], places["region"], strict=True))
    south, north = sides
    here = hub_minutes[
        (hub_minutes["hour"] == MORNING)
        & (hub_minutes["from_place"].map(side) == south)
        & (hub_minutes["to_place"].map(side) == north)
    ]
    minutes = here.pivot_table(
        index=["from_place", "to_place"], columns="scenario_id", values="minutes", dropna=False
    )
    rows = []
    for scenario_id in dict.fromkeys(here["scenario_id"]) if reference_id in minutes else ():
        both = minutes[[scenario_id]].assign(was=minutes[reference_id]).dropna()
        change = both[scenario_id] - both["was"]
        best = change.idxmin() if len(change) and change.min() < 0 else ("", "")
        rows.append({
            "scenario_id": scenario_id, "ways": len(both), "shorter": int((change <= -SHORTER_MIN).sum()),
            "mean_min": float(both[scenario_id].mean()), "change_min": float(change.mean()),
            "best_from": best[0], "best_to": best[1], "best_change_min": float(min(change.min(), 0.0)),
        })  # fmt: skip
    return pd.DataFrame(rows)
