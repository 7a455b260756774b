"""What rail works cost: kilometres of each structure and stations times unit costs, before and with overrun.

The unit costs are assumptions for screening (``layers/economy/unit_costs.csv``), held against railways whose cost is published
(``published_costs.csv``, docs/value.md). Every figure is a range in billion HKD of the price year of that table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from corridor.ecology.works.profile import Part, Site, Work, chainage_m
from corridor.schema.tables import CASES

LEAST_SEA_M = 500.0
"""A line over or below water for less than this crosses a river or a channel, which costs as the land beside it."""
ON_THE_LINE_M = 300.0
"""A station further from the line as drawn is one that the line opens on an existing railway at grade."""
SEA = "undersea_tunnel"
STATION = "station_box"
QUANTITIES = ["line_id", "item", "unit", "quantity"]
ENDS = list(CASES)


def quantities(works: Iterable[Work], lengths_km: Mapping[str, float], land: BaseGeometry) -> pd.DataFrame:
    """Measure what works build.

    Parameters
    ----------
    works
        Lines with their profiles and sites, EPSG:4547.
    lengths_km
        Published length by line_id, over which the drawn profile is stretched. A line without one builds no track: it adds
        stations to a railway that is there.
    land
        The outline of all land, EPSG:4547. A tunnel that is off it for :data:`LEAST_SEA_M` or more is undersea.

    Returns
    -------
    pandas.DataFrame
        line_id, item (a structure, ``undersea_tunnel``, or a kind of station), unit (km or station), quantity; sums by line.
    """
    rows = [
        row for work in works for row in (*_track(work, lengths_km.get(work.line_id), land), *_stations(work))
    ]
    frame = pd.DataFrame(rows, columns=QUANTITIES)
    return frame.groupby(QUANTITIES[:3], sort=False)["quantity"].sum().reset_index()


def _track(work: Work, length_km: float | None, land: BaseGeometry) -> Iterator[tuple[str, str, str, float]]:
    if length_km is None:
        return
    km_per_m = length_km / work.length_m
    off_land = shapely.difference(work.alignment, land)
    sea = shapely.union_all([g for g in shapely.get_parts(off_land) if g.length >= LEAST_SEA_M])
    for part in work.parts:
        under_m = float(shapely.intersection(work.course(part), sea).length) if part.underground else 0.0
        for item, metres in ((SEA, under_m), (part.structure, part.length_m - under_m)):
            if metres > 0:
                yield work.line_id, item, "km", metres * km_per_m


def _stations(work: Work) -> Iterator[tuple[str, str, str, float]]:
    """A station for each station box; where a line lists no sites at all, for each of its stops."""
    boxes = [site for site in work.sites if site.kind == STATION]
    kinds = [_kind_of_box(work, site) for site in boxes]
    if not work.sites:
        kinds = [_kind(work.part_at(metres)) for metres in work.stations.values()]
    for kind in kinds:
        yield work.line_id, kind, "station", 1.0


def _kind_of_box(work: Work, site: Site) -> str:
    if work.alignment.distance(site.geometry) > ON_THE_LINE_M:
        return "station_at_grade"
    return _kind(work.part_at(chainage_m(work, site)))


def _kind(parts: tuple[Part, ...]) -> str:
    """By the part that the platforms are on; where two parts meet, the dearer."""
    if any(part.underground for part in parts):
        return "station_underground"
    above = any(part.structure in ("viaduct", "bridge") for part in parts)
    return "station_above" if above else "station_at_grade"


def beyond(built: pd.DataFrame, reference: pd.DataFrame) -> pd.Series:
    """Say which rows are of lines that the reference does not build, or builds otherwise.

    Parameters
    ----------
    built, reference
        Quantities of a scenario and of the scenario that it is measured against. A line that is changed counts in full.

    Returns
    -------
    pandas.Series
        True by row of `built`.
    """
    there = {line: _rows(rows) for line, rows in reference.groupby("line_id")}
    other = {line for line, rows in built.groupby("line_id") if _rows(rows) != there.get(line)}
    return built["line_id"].isin(other)


def _rows(frame: pd.DataFrame) -> frozenset[tuple[str, float]]:
    return frozenset(zip(frame["item"], frame["quantity"].round(6), strict=True))


def priced(built: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """Multiply quantities by the rates of their items.

    Parameters
    ----------
    built
        :func:`quantities`.
    rates
        item, low, central, high a unit: unit costs (HKD bn), or factors of carbon (t CO2e).

    Returns
    -------
    pandas.DataFrame
        `built` with low, central, high; NaN where no rate is given for an item, which is not zero.
    """
    known = rates.set_index("item")[ENDS].reindex(built["item"])
    amounts = known.to_numpy(float) * built[["quantity"]].to_numpy(float)
    return built.assign(**dict(zip(ENDS, amounts.T, strict=True)))


def against_published(published: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """Set unit costs beside what railways cost.

    Parameters
    ----------
    published
        A row an item of each project: project_id, item, quantity, and what is said of the project, among it published_hkd_bn.
    rates
        As for :func:`priced`.

    Returns
    -------
    pandas.DataFrame
        A row a project: its columns, and low, central, high before overrun, HKD bn.
    """
    whole = priced(published, rates).groupby("project_id", sort=False)[ENDS].sum()
    said = published.drop_duplicates("project_id").drop(columns=["item", "quantity"])
    return said.merge(whole.reset_index(), on="project_id")


def with_overrun(cost: pd.Series, overrun: tuple[float, float, float]) -> pd.Series:
    """Raise a cost by the overrun of its reference class.

    Parameters
    ----------
    cost
        low, central, high before it.
    overrun
        Share added to each.

    References
    ----------
    Flyvbjerg, Skamris Holm and Buhl 2003, How common and how large are cost overruns in transport infrastructure projects?
    Transport Reviews 23(1), 71-88; Flyvbjerg 2006, From Nobel Prize to project management (reference class forecasting).

    Examples
    --------
    >>> with_overrun(pd.Series({"low": 10.0, "central": 20.0, "high": 30.0}), (0, 0.45, 0.83)).round(1).tolist()
    [10.0, 29.0, 54.9]
    """
    return cost[ENDS] * [1 + share for share in overrun]
