"""Facilities of places: those within a walk, and how many there are for the residents who share them (E2SFCA)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.access.measures.catchment import enhanced_two_step
from corridor.access.measures.impedance import Steps
from corridor.access.reach.minutes import minutes_to_places
from corridor.access.search.cells import Place
from corridor.access.surroundings.points import on_foot, points_of_places
from corridor.core.crs import project_xy
from corridor.network.walk import Points
from corridor.schema.comparison import TODAY
from corridor.study.catchment import WALK_MIN

if TYPE_CHECKING:
    from corridor.study.study import Study

PEOPLE = 100_000
"""Facilities are counted for so many residents."""
WEIGHTS = (1, 0.68, 0.22)
"""Weights of the three zones of a catchment (Luo and Qi 2009, for 10, 20 and 30 min by car)."""
NEIGHBOURHOOD, TOWN, REGION = (Steps(zones, WEIGHTS) for zones in ((5, 10, 15), (10, 20, 30), (20, 40, 60)))
ON_FOOT = {"primary_school": NEIGHBOURHOOD, "park": NEIGHBOURHOOD}
"""Facilities that people walk to: their share is the same in every scenario. The zones are an assumption."""
BY_ALL = {"clinic": TOWN, "secondary_school": TOWN, "library": TOWN, "hospital": REGION}
"""Facilities that people ride to as well, from door to door by train, bus and foot. The zones are an assumption."""
COLUMNS = ["kind", "scenario_id", "farthest_min", "per_100000", "mean_per_100000"]


def facilities_near(study: Study, places: Sequence[Place]) -> pd.DataFrame:
    """Facilities within 15 min on foot of each place, in order: a column for each kind; NaN on a side without such data."""
    table = study.catalog.table_if_any("facilities")
    kinds, known = sorted(set(table["kind"])), set(table["region"])
    walks = on_foot(study.ground, points_of_places(places), points_of_places(_places(table)))
    rows = []
    for i, place in enumerate(places):
        which, seconds = walks.row(i)
        near = table["kind"].to_numpy()[which[seconds <= 60 * WALK_MIN]]
        assessed = place.region in known
        rows.append({k: float((near == k).sum()) if assessed else np.nan for k in kinds})
    return pd.DataFrame(rows, columns=kinds)


def facilities_shared(study: Study, side: str, cell: int, scenario_ids: Sequence[str]) -> pd.DataFrame:
    """Facilities for 100,000 residents who share them, at a cell and on average.

    Two-step floating catchments with zones (Luo and Qi 2009; :func:`corridor.access.measures.catchment.enhanced_two_step`):
    ``R_j = 1 / sum_k P_k f(t_kj)``, ``A_i = sum_j R_j f(t_ij)``. Each facility counts as one, as no list states beds, places
    or areas (assumption); residents are today's of this side, as the other side's facilities are not known.

    Parameters
    ----------
    study
        With a layer of role ``facilities``.
    side
        The side of the boundary.
    cell
        Index of a cell of this side.
    scenario_ids
        Whose times from door to door count, at the study's first hour; facilities that people walk to have one row with an
        empty scenario_id.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`COLUMNS`: kind, scenario_id, farthest_min (end of the outermost zone), per_100000 at the cell, and
        mean_per_100000 of the mean resident. No rows where the side has no such data.
    """
    table = study.catalog.table_if_any("facilities")
    own = {k: _places(table[(table["kind"] == k) & (table["region"] == side)]) for k in (*ON_FOOT, *BY_ALL)}
    own = {kind: places for kind, places in own.items() if places}
    here = np.array([r == side for r in study.cells.region])
    residents = study.cells.people(TODAY)[here]

    def row(kind: str, scenario_id: str, zones: Steps, minutes: NDArray[np.floating]) -> dict[str, object]:
        shared = enhanced_two_step(minutes[here], np.ones(minutes.shape[1]), residents, zones)
        each = PEOPLE * shared.access.to_numpy(float)
        mean = float(np.average(each, weights=residents))
        at = float(each[here[:cell].sum()])
        return dict(zip(COLUMNS, (kind, scenario_id, zones.until_min[-1], at, mean), strict=True))

    rows = [row(k, "", z, _walked(study, own[k])) for k, z in ON_FOOT.items() if k in own]
    for scenario_id in scenario_ids:
        timed = _ridden(study, scenario_id, {k: p for k, p in own.items() if k in BY_ALL})
        rows += [row(k, scenario_id, BY_ALL[k], minutes) for k, minutes in timed]
    return pd.DataFrame(rows, columns=COLUMNS)


def _places(table: pd.DataFrame) -> list[Place]:
    x, y = project_xy(table["lon"].to_numpy(float), table["lat"].to_numpy(float))
    each = zip(table["facility_id"], x, y, table["region"], strict=True)
    return [Place(str(i), None, float(a), float(b), str(side)) for i, a, b, side in each]


def _walked(study: Study, places: Sequence[Place]) -> NDArray[np.float64]:
    """Minutes on foot from every cell to each place, (cell, place); NaN beyond the walking limit."""
    cells = study.cells
    walks = on_foot(study.ground, points_of_places(places), Points(cells.x_m, cells.y_m, cells.region))
    minutes = np.full((len(cells.region), len(places)), np.nan)
    for i in range(len(places)):
        cell, seconds = walks.row(i)
        minutes[cell, i] = seconds / 60
    return minutes


def _ridden(
    study: Study, scenario_id: str, own: Mapping[str, Sequence[Place]]
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Expected minutes from door to door from every cell to the places of each kind, (cell, place)."""
    compiled, hour = study.network(scenario_id).compiled, study.parameters.hours[0]
    for kind, places in own.items():
        departure = study.access.departure(compiled, hour, BY_ALL[kind].until_min[-1])
        yield kind, minutes_to_places(departure, study.base, places).T.astype(float)
