"""Streams and nullahs that the lines of scenarios cross."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from corridor.ecology.impact.assess import stacked
from corridor.ecology.impact.streams import COLUMNS, stream_crossings
from corridor.study import stages

if TYPE_CHECKING:
    import geopandas as gpd

    from corridor.ecology.land.land import Land
    from corridor.ecology.works.parameters import ParameterTable
    from corridor.ecology.works.profile import Work
    from corridor.study.study import Study


def watershed(study: Study, scenario_ids: Sequence[str]) -> pd.DataFrame | None:
    """Streams crossed in some scenarios; None where the study has no layer of streams.

    Catchments are not assessed: from heights at hand they are unreliable on flat ground.

    Parameters
    ----------
    study
        With a layer of role ``streams``; a side without rows is not assessed.
    scenario_ids
        Whose works count.

    Returns
    -------
    pandas.DataFrame
        scenario_id, then the columns of :func:`corridor.ecology.impact.streams.stream_crossings`.
    """
    if not study.catalog.having("streams"):
        return None
    found = [pd.DataFrame(columns=["scenario_id", *COLUMNS])]
    for scenario_id in scenario_ids:
        crossed = study.stages.of(stages.STREAMS, scenario_id).copy()
        crossed.insert(0, "scenario_id", scenario_id)
        found.append(crossed)
    return stacked(found)


def streams_crossed(
    works: Sequence[Work], footprint: gpd.GeoDataFrame, land: Land, profile: ParameterTable
) -> pd.DataFrame:
    """Streams that works cross.

    Parameters
    ----------
    works
        Lines in EPSG:4547.
    footprint
        Their land take, with line_id.
    land
        With its streams.
    profile
        Widths of structures.

    Returns
    -------
    pandas.DataFrame
        The columns of :func:`corridor.ecology.impact.streams.stream_crossings`, line by line.
    """
    assert land.streams is not None, "asked only where the study has a layer of streams"
    found = [pd.DataFrame(columns=list(COLUMNS))]
    for work in works:
        mine = footprint[footprint["line_id"] == work.line_id]
        found.append(stream_crossings(work, land.streams, mine, profile))
    return stacked(found)
