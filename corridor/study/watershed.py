"""Streams and nullahs that the lines of scenarios cross."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from corridor.ecology.impact.assess import stacked
from corridor.ecology.impact.corridors import STREAM_COLUMNS, stream_crossings
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
        scenario_id, then the columns of :func:`corridor.ecology.impact.corridors.stream_crossings`.
    """
    if not study.catalog.having("streams"):
        return None
    nothing = pd.DataFrame(columns=["scenario_id", *STREAM_COLUMNS])
    crossed = (study.stages.of(stages.STREAMS, i).assign(scenario_id=i) for i in scenario_ids)
    return stacked([nothing, *crossed])[list(nothing)]


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
        The columns of :func:`corridor.ecology.impact.corridors.stream_crossings`, line by line.
    """
    assert land.streams is not None, "asked only where the study has a layer of streams"
    crossed = (
        stream_crossings(work, land.streams, footprint[footprint["line_id"] == work.line_id], profile)
        for work in works
    )
    return stacked([pd.DataFrame(columns=list(STREAM_COLUMNS)), *crossed])
