"""Streams and nullahs that the lines of scenarios cross."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from corridor.ecology.impact.assess import stacked
from corridor.ecology.impact.streams import COLUMNS, stream_crossings
from corridor.study import stages

if TYPE_CHECKING:
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
    streams = study.land.streams
    if streams is None:
        return None
    profile = study.stages.of(stages.PROFILE)
    found = [pd.DataFrame(columns=["scenario_id", *COLUMNS])]
    for scenario_id in scenario_ids:
        works = study.stages.of(stages.WORKS, scenario_id)
        if not works:
            continue
        prints = study.stages.of(stages.ECOLOGY, scenario_id).result.footprint
        for work in works:
            mine = prints[prints["line_id"] == work.line_id]
            crossed = stream_crossings(work, streams, mine, profile)
            if len(crossed):
                crossed.insert(0, "scenario_id", scenario_id)
                found.append(crossed)
    return stacked(found)
