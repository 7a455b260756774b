"""Access hour by hour through the day, and what the closing times of control points cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from corridor.access.search.strategy import open_throughout
from corridor.core.progress import Progress, silent
from corridor.network.compiled import CompiledNetwork
from corridor.network.service import DAY_S
from corridor.study.access import COUNTED, counted
from corridor.study.clock import clock_problems, service_clock
from corridor.study.study import Study

HOURS = tuple(f"{hour:02d}:00" for hour in range(5, 25))
DAWDLE_S = 3_600.0
"""Beyond the longest journey: the way to the first station, which the search adds to its start."""


def hour_profile(
    study: Study, scenario_id: str, hours: Sequence[str] = HOURS, progress: Progress = silent
) -> pd.DataFrame:
    """Compute the access of the mean resident hour by hour.

    Parameters
    ----------
    study, scenario_id
        The scenario, levers stacked with '+'.
    hours
        Clock times of leaving, "HH:MM".
    progress
        Called with each hour.

    Returns
    -------
    pandas.DataFrame
        A row an hour. Columns: `hour`; `jobs_N`, `residents_N` and `jobs_across_N` within N minutes (those of the other
        side), for every cut-off of the study; `hub_minutes`, the mean from residents to the hubs, a hub not reached counted
        as the study's limit; `open_control_points`, how many admit at that hour.

    Raises
    ------
    ScenarioError
        Naming every hour that is no clock time.
    """
    compiled, asked = study.network(scenario_id).compiled, _checked(hours)
    rows = []
    for k, hour in enumerate(asked):
        progress(hour, k, len(asked))
        rows.append(_row(study, compiled, hour))
    return pd.DataFrame(rows)


def what_closing_costs(
    study: Study, scenario_id: str, hours: Sequence[str] = HOURS, progress: Progress = silent
) -> pd.DataFrame:
    """Compare the hours with those of a network whose control points are open all day.

    Only the hours of control points change: services run as before, so where trains have stopped a hall that stays open
    helps those only who can walk or take a bus from it. Columns: those of :func:`hour_profile`; the same with `_open`
    added; and with `lost_` before the name what closing takes away (for `hub_minutes`: what it adds).
    """
    compiled, asked = study.network(scenario_id).compiled, _checked(hours)
    opened = always_open(compiled)
    rows = []
    for k, hour in enumerate(asked):  # both at one hour, whose local buses are prepared once
        progress(hour, 2 * k, 2 * len(asked))
        rows.append(_row(study, compiled, hour))
        progress(f"{hour}, all open", 2 * k + 1, 2 * len(asked))
        rows.append(_row(study, opened, hour) if _closes(study, compiled, hour) else rows[-1])
    today, all_day = pd.DataFrame(rows[0::2]), pd.DataFrame(rows[1::2])
    values = [c for c in today.columns if c != "hour"]
    lost = (all_day[values] - today[values]).add_prefix("lost_")
    lost["lost_hub_minutes"] *= -1
    return pd.concat([today, all_day[values].add_suffix("_open"), lost], axis=1)


def always_open(network: CompiledNetwork) -> CompiledNetwork:
    """The network with every control point open round the clock; services keep their hours."""
    closed = np.zeros_like(network.cp_open_s)
    return replace(network, cp_open_s=closed, cp_close_s=np.full_like(closed, DAY_S))


def _closes(study: Study, network: CompiledNetwork, hour: str) -> bool:
    """Whether a control point is closed at any time of the longest journey asked for."""
    asked = study.parameters
    window_s = 60.0 * max(*asked.cutoffs_min, asked.hub_limit_min) + DAWDLE_S
    start_s = service_clock(hour)
    return not open_throughout(network.cp_open_s, network.cp_close_s, start_s, window_s).all()


def _row(study: Study, compiled: CompiledNetwork, hour: str) -> dict[str, object]:
    reach, hubs = study.access.at(compiled, hour)
    cells, people = study.cells, study.cells.people()
    means = {
        f"{what.replace(' ', '_')}_{cutoff}": float(
            np.average(counted(reach, cutoff, what, cells.side), weights=people)
        )
        for what in COUNTED
        for cutoff in reach.cutoffs_min
    }
    minutes = np.where(np.isnan(hubs), study.parameters.hub_limit_min, hubs).mean(axis=0)
    admitting = open_throughout(compiled.cp_open_s, compiled.cp_close_s, service_clock(hour), 0.0)
    return {
        "hour": hour,
        **means,
        "hub_minutes": float(np.average(minutes, weights=people)),
        "open_control_points": int(admitting.sum()),
    }


def _checked(hours: Sequence[str]) -> list[str]:
    """The hours in order, each once; a :class:`ScenarioError` names what is wrong."""
    problems = clock_problems(hours)
    if not hours:
        problems.add("hours", "none given", "one at least", "write e.g. 08:30,23:00")
    problems.raise_all()
    return list(dict.fromkeys(hours))
