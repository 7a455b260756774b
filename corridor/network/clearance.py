"""Clearance at a control point: by regime, traveller group and load. Pure functions, nothing of the network.

Mean and range go by regime. A group's time is its factor times the mean, scaled so that the mean over the observed
groups is the regime's mean exactly. The wait in the queue grows with load after Akcelik (1991), "Travel time functions
for transport planning purposes: Davidson's function, its time-dependent form and an alternative travel time function",
Australian Road Research 21(3).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from corridor.schema.changes import TravellerGroup

GROUPS: tuple[str, ...] = get_args(TravellerGroup)

DIRECTIONS = ("northbound", "southbound")
BOTH = "both"

REGIME_CLEARANCE_MIN: Mapping[str, tuple[float, float, float]] = {
    "separate_walk": (20.0, 12.0, 35.0),
    "separate_bus": (30.0, 20.0, 45.0),
    "co_location": (15.0, 8.0, 25.0),
    "joint_clearance": (5.0, 3.0, 10.0),
}
"""Minutes door to door over both sides: mean, low, high (assumptions that lean on K01 to K05)."""


@dataclass(frozen=True)
class QueueCurve:
    """How a wait grows with load: `delay_s` is the delay parameter, `period_s` how long a busy spell lasts."""

    delay_s: float
    period_s: float


@dataclass(frozen=True)
class ClearanceAssumptions:
    """What is assumed about groups and queues, as the table of assumptions states it."""

    factor: Mapping[str, float]  # by group, before scaling
    e_channel_share: float  # of residents of the south
    peak_hour_share: float  # of a day's passengers, in the busiest hour
    queue: QueueCurve

    @classmethod
    def from_values(cls, value: Mapping[str, float]) -> ClearanceAssumptions:
        """Read the values of the table of assumptions.

        Parameters
        ----------
        value
            By assumption id: ``factor_<group>``, shares (0 to 1), the load and wait (minutes) that calibrate the queue, and the
            length of the busy spell (hours).

        Raises
        ------
        KeyError
            With the id of a missing one.
        """
        return cls(
            factor={g: value["factor_" + g.replace("-", "_")] for g in GROUPS},
            e_channel_share=value["e_channel_share_of_residents"],
            peak_hour_share=value["peak_hour_share"],
            queue=calibrated(
                value["calibration_load"],
                60 * value["calibration_wait_min"],
                3600 * value["overload_period_h"],
            ),
        )


def group_passengers(
    residents: float, mainland_visitors: float, others: float, e_channel_share: float
) -> dict[str, float]:
    """Passengers of the four groups from the three that are counted; the split of residents is an assumption.

    Parameters
    ----------
    residents, mainland_visitors, others
        Passengers counted, in any unit.
    e_channel_share
        Share of residents who use the e-channel, 0 to 1.
    """
    return {
        "e-channel-resident": residents * e_channel_share,
        "resident": residents * (1 - e_channel_share),
        "mainland-visitor": mainland_visitors,
        "visitor": others,
    }


def group_clearance(
    mean: float, factor: Mapping[str, float], passengers: Mapping[str, float]
) -> dict[str, float]:
    """Mean clearance of each group: ``mean * factor / (mean factor over the passengers)``.

    So the mean over the passengers is `mean`. Without passengers there is nothing to scale by: every group gets `mean`.

    Parameters
    ----------
    mean
        Of all travellers, in any unit of time.
    factor
        By group, before scaling.
    passengers
        By group.

    Returns
    -------
    dict
        By group, in the unit of `mean`.

    Examples
    --------
    >>> group_clearance(10.0, {"resident": 1.0, "visitor": 3.0}, {"resident": 50, "visitor": 50})
    {'resident': 5.0, 'visitor': 15.0}
    """
    total = sum(passengers.values())
    if not total > 0:
        return dict.fromkeys(factor, mean)
    scale = total / sum(factor[g] * n for g, n in passengers.items())
    return {g: mean * f * scale for g, f in factor.items()}


def mean_over(clearance: Mapping[str, float], passengers: Mapping[str, float]) -> float:
    """Mean of the groups' clearance over the passengers, of whom there must be some; in the unit of `clearance`."""
    return sum(clearance[g] * n for g, n in passengers.items()) / sum(passengers.values())


def end_of_range(mean: float, end: float, group_mean: float) -> float:
    """Low or high end of a group's clearance: that of all travellers, in proportion to the means.

    The high end is read as the 90th percentile, of all travellers and of a group (an assumption; 92 to 98 % within 15 min, K04,
    is for one side alone).

    Parameters
    ----------
    mean, end
        Of all travellers.
    group_mean
        Of the group, in the same unit.
    """
    return end * group_mean / mean if mean > 0 else end


def queue_s(load_pax_hour: float, capacity_pax_hour: float, curve: QueueCurve) -> float:
    """Mean wait in a queue at a load: ``T/4 (x - 1 + sqrt((x - 1)^2 + 8 k x / T))`` (Akcelik 1991).

    x is load over capacity, k the delay parameter and T the busy spell, in seconds; k is Akcelik's J_A over capacity. The wait
    is finite below capacity, where it nears ``k x / (1 - x)``. Far above it is ``T/2 (x - 1)``: the queue that builds up while
    the overload lasts.

    Parameters
    ----------
    load_pax_hour, capacity_pax_hour
        Passengers an hour.
    curve
        Delay parameter and length of the busy spell.

    Returns
    -------
    float
        Seconds.
    """
    x = load_pax_hour / capacity_pax_hour
    over, spell = x - 1, curve.period_s
    root = math.hypot(over, math.sqrt(8 * curve.delay_s * x / spell))
    return max(0.0, spell / 4 * (over + root))


def calibrated(load: float, wait_s: float, period_s: float) -> QueueCurve:
    """The curve on which a load waits a stated time: ``k = w (2 w / T + 1 - x) / x``, from :func:`queue_s`.

    Parameters
    ----------
    load
        x, passengers over capacity.
    wait_s
        w, seconds.
    period_s
        T, how long a busy spell lasts, in seconds.
    """
    return QueueCurve(wait_s * (2 * wait_s / period_s + 1 - load) / load, period_s)
