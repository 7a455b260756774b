"""One draw laid over a scenario: the study's own mechanisms with other figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.access.cost.departure import Costing
from corridor.access.search.cells import LAND_STATES, OPPORTUNITIES, Cells
from corridor.demand.model import Model
from corridor.demand.segments import LandUse
from corridor.network.service import DAY_S, SERVICE_DAY_START_S, Checkpoint, Pattern
from corridor.schema.comparison import TODAY
from corridor.study.access import Access
from corridor.study.ensemble.design import Draw
from corridor.study.network import ScenarioNetwork, patched

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


def network_of(net: ScenarioNetwork, draw: Draw) -> ScenarioNetwork:
    """The network with the clearance times, headways and last departures of a draw; lines and stops stay."""
    network = net.network
    varied = replace(
        network,
        checkpoints={i: _cleared(point, draw) for i, point in network.checkpoints.items()},
        patterns=tuple(_running(p, network.lines[p.line_id].added, draw) for p in network.patterns),
    )
    later_s = {
        a.pattern_id: b.last_s - a.last_s for a, b in zip(network.patterns, varied.patterns, strict=True)
    }
    compiled = patched(net.compiled, varied)
    shift_s = np.array([later_s[p] for p in compiled.board_pattern], dtype=np.float32)
    compiled = replace(compiled, board_last_s=compiled.board_last_s + shift_s)
    return replace(net, network=varied, compiled=compiled)


def _cleared(point: Checkpoint, draw: Draw) -> Checkpoint:
    ratio = draw.ratio("clearance", point.regime, point.checkpoint_id)
    by_group = {
        direction: {group: s * ratio for group, s in groups.items()}
        for direction, groups in point.clearance_by_group_s.items()
    }
    # the low end is the least that a shorter queue may leave of a clearance (queue_of), so it moves with it
    return replace(
        point,
        clearance_s=point.clearance_s * ratio,
        clearance_low_s=point.clearance_low_s * ratio,
        clearance_high_s=point.clearance_high_s * ratio,
        clearance_by_group_s=by_group,
    )


def _running(pattern: Pattern, added: bool, draw: Draw) -> Pattern:
    if not added and not pattern.assumed:
        return pattern
    ratio = draw.ratio("new_line_headway" if added else "assumed_headway", unit=pattern.line_id)
    last_s, ends_s = pattern.last_s, SERVICE_DAY_START_S + DAY_S
    if last_s < ends_s:  # a service that runs through the night has no last departure
        later_s = 60 * draw.value("service_hours", 0.0, unit=pattern.line_id)
        last_s = min(max(last_s + later_s, pattern.first_s), ends_s)
    return replace(pattern, headway_s={p: s * ratio for p, s in pattern.headway_s.items()}, last_s=last_s)


def costing_of(access: Access, net: ScenarioNetwork, draw: Draw) -> Costing:
    """Fares and weights of a draw, for the mean of all travellers."""
    fares = net.network.fares
    ratio = draw.ratio("value_of_time")
    worth = fares.cost.of(None) * ratio if fares and ratio != 1 else None
    costing = access.costing(net, value_of_time_hkd_h=worth)
    fare = np.float32(draw.ratio("fare"))
    groups = tuple(
        replace(g, fare_hkd=g.fare_hkd * fare, board_fare_hkd=g.board_fare_hkd * fare) for g in costing.groups
    )
    return replace(costing, groups=groups)


# --- who lives and works where: what is counted is a sum over people and jobs, so these need no search anew ---


def opportunities_of(sums: F32, sides: tuple[str, str], draw: Draw) -> F32:
    """Opportunities with the jobs and the share of planned growth of a draw.

    Parameters
    ----------
    sums
        Counts or discounted sums, whose last axis is land state x opportunity x side.
    sides
        Ids of both sides.
    draw
        The draw; times stay, so sums change alone.
    """
    shaped = sums.reshape(*sums.shape[:-1], len(LAND_STATES), len(OPPORTUNITIES), len(sides)).astype(float)
    today, planned = shaped[..., 0, :, :], shaped[..., 1, :, :]
    grown = today + draw.value("build_out_share", 1.0) * (planned - today)
    both = np.stack([today, grown], axis=-3)
    for k, side in enumerate(sides):
        both[..., OPPORTUNITIES.index("jobs"), k] *= draw.ratio("jobs_ratio", side)
    return both.reshape(sums.shape).astype(np.float32)


def people_of(cells: Cells, state: str, draw: Draw) -> F64:
    """Residents of each cell in a land state: between homes as modelled and evenly spread, or with a share of growth."""
    today = cells.people()
    if state == TODAY:
        share = draw.value("even_residents_share", 0.0)
        return today if share == 0 else (1 - share) * today + share * cells.evenly_spread()
    return np.asarray(today + draw.value("build_out_share", 1.0) * (cells.people(state) - today))


# --- who crosses where ---


def demand_of(plain: Model, draw: Draw) -> Model:
    """The demand model, not yet calibrated, with the sensitivity, elasticity and values of time of a draw.

    Values of time of all segments move in proportion, and with them the value at which ways are searched.
    """
    assumed, worth = plain.assumptions, draw.ratio("value_of_time")
    choice_per_min = draw.value("choice_scale", assumed.scales.site_per_min)
    return replace(
        plain,
        segments=tuple(replace(s, value_of_time_hkd_h=s.value_of_time_hkd_h * worth) for s in plain.segments),
        assumptions=replace(
            assumed,
            scales=replace(assumed.scales, site_per_min=choice_per_min),
            elasticity=draw.value("total_elasticity", assumed.elasticity),
            mean_value_of_time_hkd_h=assumed.mean_value_of_time_hkd_h * worth,
        ),
    )


def land_of(today: LandUse, even: F64, planned: LandUse, state: str, draw: Draw) -> LandUse:
    """Residents and jobs of each zone of the demand model in a land state.

    The planned growth comes on top of the homes of the draw: a zone where nothing is planned keeps its residents. Jobs a
    resident of a side change no share of its zones, and so nothing here.

    Parameters
    ----------
    today, planned
        As the study has them.
    even
        (zone,) residents of today, evenly spread within districts.
    state
        Land state that is asked for, one of the two.
    draw
        With the part of the way to an even spread, and the share of the growth that comes.
    """
    share = draw.value("even_residents_share", 0.0)
    here = replace(today, residents=(1 - share) * today.residents + share * even)
    if state == TODAY:
        return here
    comes = draw.value("build_out_share", 1.0)
    return replace(
        here,
        residents=here.residents + comes * (planned.residents - today.residents),
        jobs=here.jobs + comes * (planned.jobs - today.jobs),
    )


def cost_hkd_bn(built: pd.DataFrame, rates: pd.DataFrame, overrun: float, draw: Draw) -> float:
    """Cost of what a scenario adds, with overrun, in billion HKD.

    Parameters
    ----------
    built
        item, quantity of what is added.
    rates
        item, low, central, high a unit.
    overrun
        Share added in the study.
    draw
        Positions between the ends of unit costs (-1 to 1), and the overrun.
    """
    by_item = rates.set_index("item")
    total = 0.0
    for item, quantity in zip(built["item"], built["quantity"], strict=True):
        if item not in by_item.index:
            return float("nan")
        low, central, high = (float(by_item.loc[item, c]) for c in ("low", "central", "high"))
        place = draw.value("unit_cost", 0.0, unit=str(item))
        total += float(quantity) * (central + place * (high - central if place > 0 else central - low))
    return total * (1 + draw.value("overrun_share", overrun))
