"""Who crosses at each control point, and what that makes of its clearance: groups, load, capacity."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from corridor.core.arrays import F64
from corridor.core.errors import NetworkError, ScenarioError, unknown
from corridor.network.clearance import (
    BOTH,
    DIRECTIONS,
    GROUPS,
    ClearanceAssumptions,
    end_of_range,
    group_clearance,
    group_passengers,
    mean_over,
    queue_s,
)
from corridor.network.service import Checkpoint, DirectionLoad, Network
from corridor.schema.catalog import Catalog
from corridor.schema.catalog_entry import Role
from corridor.schema.region import Sides

if TYPE_CHECKING:
    import pandas as pd

ROLES: tuple[Role, ...] = ("daily_crossings", "highest_days", "clearance_assumptions")
COUNTED = ("south_residents", "mainland_visitors", "other_visitors")


@dataclass(frozen=True)
class Loads:
    """Passengers by control point and direction, and the assumptions; empty where the layers are not there.

    Attributes
    ----------
    elsewhere
        Control points that lead out of the region (kind `external`).
    """

    by_checkpoint: Mapping[str, Mapping[str, DirectionLoad]] = field(default_factory=dict)
    assumptions: ClearanceAssumptions | None = None
    elsewhere: frozenset[str] = frozenset()

    @classmethod
    def load(cls, catalog: Catalog) -> Loads:
        """Read the daily crossings, the highest days and the assumptions; all three, or nothing is known.

        Raises
        ------
        NetworkError
            Naming an assumption that the table lacks.
        """
        if not all(catalog.having(role) for role in ROLES):
            return cls()
        table, points = catalog.table("clearance_assumptions"), catalog.table("checkpoints")
        try:
            assumptions = ClearanceAssumptions.from_values(
                dict(zip(table["assumption_id"], table["value"].astype(float), strict=True))
            )
        except KeyError as error:
            raise NetworkError.at(
                "clearance_assumptions", f"row {error.args[0]!r} is missing", "a row for it", "add it"
            ) from None
        return cls(
            _direction_loads(catalog.table("daily_crossings"), catalog.table("highest_days"), assumptions),
            assumptions,
            frozenset(points.loc[points["kind"] == "external", "checkpoint_id"]),
        )

    def passengers(self, direction: str) -> dict[str, float]:
        """Passengers at all control points to the other side together.

        An assumption about who will cross where nobody was counted yet.

        Returns
        -------
        dict
            Passengers a day by traveller group.
        """
        points = [load[direction] for c, load in self.by_checkpoint.items() if c not in self.elsewhere]
        return {g: sum(load.passengers[g] for load in points) for g in GROUPS}


def _direction_loads(
    crossings: pd.DataFrame, highest: pd.DataFrame, assumptions: ClearanceAssumptions
) -> dict[str, dict[str, DirectionLoad]]:
    counted = crossings.set_index(["checkpoint_id", "direction", "group"])["passengers_per_day"].astype(float)
    top = highest[highest["group"] == "all"].set_index(["checkpoint_id", "direction"])["highest_pax_day"]
    loads: dict[str, dict[str, DirectionLoad]] = {}
    for checkpoint_id in dict.fromkeys(crossings["checkpoint_id"]):
        people = {d: [float(counted.get((checkpoint_id, d, g), 0.0)) for g in COUNTED] for d in DIRECTIONS}
        people[BOTH] = [sum(pair) for pair in zip(*people.values(), strict=True)]
        if sum(people[BOTH]) > 0:
            loads[checkpoint_id] = {
                d: DirectionLoad(
                    group_passengers(n[0], n[1], n[2], assumptions.e_channel_share),
                    float(top.get((checkpoint_id, d), math.nan)),
                )
                for d, n in people.items()
            }
    return loads


def with_groups(point: Checkpoint, loads: Loads, stated_min: Mapping[str, float]) -> Checkpoint:
    """A control point with the clearance of each group by direction.

    Groups that a scenario states take that time; the others keep theirs, and the mean of all travellers follows.

    Parameters
    ----------
    point
        The control point.
    loads
        Who crosses where, and what is assumed of groups.
    stated_min
        Minutes by group, as a scenario states them.

    Raises
    ------
    ScenarioError
        Where a scenario states groups and nothing is known of them.
    """
    assumptions = loads.assumptions
    if assumptions is None:
        if stated_min:
            raise _no_groups(f"control point {point.checkpoint_id}")
        return point
    people = {
        d: point.loads[d].passengers if d in point.loads else loads.passengers(d) for d in (*DIRECTIONS, BOTH)
    }
    stated_s = {g: 60 * minutes for g, minutes in stated_min.items()}
    by_group = {
        d: group_clearance(point.clearance_s, assumptions.factor, n) | stated_s for d, n in people.items()
    }
    if not stated_s:
        return replace(point, clearance_by_group_s=by_group)
    mean = mean_over(by_group[BOTH], people[BOTH])
    moved = mean / point.clearance_s if point.clearance_s > 0 else 1.0
    return replace(
        point,
        clearance_by_group_s=by_group,
        clearance_s=mean,
        clearance_low_s=min(mean, point.clearance_low_s * moved),
        clearance_high_s=max(mean, point.clearance_high_s * moved),
    )


def with_capacity(
    point: Checkpoint, capacity_pax_hour: float, assumptions: ClearanceAssumptions | None
) -> Checkpoint:
    """A control point with a new capacity.

    Parameters
    ----------
    point
        The control point.
    capacity_pax_hour
        Passengers an hour, both directions together.
    assumptions
        With them, the mean and the range of clearance move by what the mean day waits more or less; without them, or where
        the capacity was unknown, clearance stays as it is.
    """
    edited = replace(point, effective_capacity_pax_hour=capacity_pax_hour)
    if assumptions is None or math.isnan(point.capacity_pax_hour(BOTH)):
        return edited
    change = mean_day_wait_s(edited, BOTH, assumptions) - mean_day_wait_s(point, BOTH, assumptions)
    return _shifted(edited, change)


def mean_day_wait_s(
    point: Checkpoint, direction: str, assumptions: ClearanceAssumptions, load: float = 1.0
) -> float:
    """Mean wait in the busiest hour of a day.

    Parameters
    ----------
    point
        The control point.
    direction
        "northbound", "southbound" or "both".
    assumptions
        Share of the busiest hour, and the curve of the queue.
    load
        Passengers over the mean day of 2025.

    Returns
    -------
    float
        Seconds; NaN where the capacity is unknown.
    """
    capacity = point.capacity_pax_hour(direction)
    if math.isnan(capacity):
        return math.nan
    hourly = load * point.loads[direction].mean_pax_day * assumptions.peak_hour_share
    return queue_s(hourly, capacity, assumptions.queue)


def extra_wait_s(
    point: Checkpoint, direction: str, assumptions: ClearanceAssumptions, load: float
) -> float | None:
    """What a load adds to the wait of the mean day, which the mean clearance already contains.

    Parameters
    ----------
    point, direction, assumptions
        As for :func:`mean_day_wait_s`.
    load
        Passengers over the mean day of 2025.

    Returns
    -------
    float or None
        Seconds, negative below a load of 1; None where the capacity is unknown.
    """
    extra = mean_day_wait_s(point, direction, assumptions, load) - mean_day_wait_s(
        point, direction, assumptions
    )
    return None if math.isnan(extra) else extra


def _shifted(point: Checkpoint, seconds: float) -> Checkpoint:
    """Mean and range moved by a wait; a shorter wait never takes the mean below the low end."""
    low = point.clearance_low_s + max(seconds, 0.0)
    mean = max(point.clearance_s + seconds, low)
    high = max(point.clearance_high_s + seconds, mean)
    return replace(point, clearance_s=mean, clearance_low_s=low, clearance_high_s=high)


@dataclass(frozen=True)
class Travellers:
    """Who travels, and on what day.

    Attributes
    ----------
    group
        Traveller group; None is the mean of all.
    load
        Passengers over the mean day of 2025, from 0 to 10.

    Raises
    ------
    ScenarioError
        For an unknown group or a load outside that range.
    """

    group: str | None = None
    load: float = 1.0

    def __post_init__(self) -> None:
        if self.group is not None and self.group not in GROUPS:
            use = f"one of {', '.join(GROUPS)}"
            raise ScenarioError(unknown("", "traveller group", self.group, use, GROUPS))
        if not 0 <= self.load <= MOST_LOAD:
            expected = f"times the mean day of 2025, from 0 to {MOST_LOAD:g}"
            raise ScenarioError.at("load", f"{self.load:g}", expected, "write e.g. 1.5")

    @property
    def are_all(self) -> bool:
        """Whether this is the mean of all travellers on the mean day."""
        return self.group is None and self.load == 1.0


MOST_LOAD = 10.0  # beyond, no formula of a wait means anything


def direction_between(origin_region: str, destination_region: str, sides: Sides) -> str:
    """The direction of a journey between two sides, south first; both where it stays on one side."""
    if origin_region == destination_region:
        return BOTH
    return "northbound" if origin_region == sides[0] else "southbound"


def group_clearance_s(points: Sequence[Checkpoint], directions: Sequence[str]) -> dict[str, F64]:
    """By how much the clearance of each traveller group differs from that of all travellers.

    Parameters
    ----------
    points
        Control points.
    directions
        "northbound", "southbound" or "both".

    Returns
    -------
    dict
        By group, shape (direction, point), seconds; 0 at a control point whose groups are not known.
    """
    found = {group: np.zeros((len(directions), len(points))) for group in GROUPS}
    for d, direction in enumerate(directions):
        for k, point in enumerate(points):
            for group, seconds in point.clearance_by_group_s.get(direction, {}).items():
                found[group][d, k] = seconds - point.clearance_s
    return found


def without_queue(network: Network, direction: str) -> tuple[str, ...]:
    """Ids of open control points whose capacity is unknown, sorted: no queue is modelled there, however high the load."""
    points = network.checkpoints
    unknown = (k for k, c in points.items() if c.is_open and math.isnan(c.capacity_pax_hour(direction)))
    return tuple(sorted(unknown))


def for_travellers(network: Network, travellers: Travellers, direction: str) -> Network:
    """The network as some travellers meet it: clearance of their group, with what the load adds to the queue.

    Parameters
    ----------
    network
        That of a scenario, with the clearance of all travellers on the mean day.
    travellers
        Group and load.
    direction
        "northbound", "southbound" or "both".

    Raises
    ------
    ScenarioError
        Where groups and queues are not known.
    """
    if travellers.are_all:
        return network
    if network.clearance is None:
        raise _no_groups(f"scenario {network.scenario_id}")
    points = network.checkpoints.items()
    changed = {k: _for_travellers(point, travellers, direction, network.clearance) for k, point in points}
    return replace(network, checkpoints=changed)


def _for_travellers(
    point: Checkpoint, travellers: Travellers, direction: str, assumptions: ClearanceAssumptions
) -> Checkpoint:
    extra = extra_wait_s(point, direction, assumptions, travellers.load) or 0.0
    if travellers.group is not None:
        mean, of_all = point.clearance_by_group_s[direction][travellers.group], point.clearance_s
        point = replace(
            point,
            clearance_s=mean,
            clearance_low_s=end_of_range(of_all, point.clearance_low_s, mean),
            clearance_high_s=end_of_range(of_all, point.clearance_high_s, mean),
        )
    return _shifted(point, extra) if extra else point


def _no_groups(where: str) -> ScenarioError:
    what, expected = (
        "traveller groups and load are not known",
        f"layers {', '.join(ROLES[:2])} and {ROLES[2]}",
    )
    return ScenarioError.at(where, what, expected, "add them to the catalogue")
