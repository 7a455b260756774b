"""Segments of travellers: a traveller group, for business or for anything else, with where its trips begin and end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
DIRECTIONS = ("northbound", "southbound")
BASE_PERIOD = "2025"
"""The counted period that the model reproduces by default."""


class Attraction(NamedTuple):
    """What draws trips, as shares that sum to 1."""

    residents: float
    jobs: float
    commercial: float


@dataclass(frozen=True)
class Segment:
    """Travellers who weigh money alike and make for the same kinds of places."""

    group: str
    counted_as: str
    """The group of the passenger counts that contains them."""
    purpose: str
    """`business` or `other`."""
    share: float
    """Of the counted group's passengers."""
    home: int
    """Side on which they live: 0 south, 1 north."""
    outside_share: float
    """Of their trips, with the north end beyond the region: those pass its gateways."""
    value_of_time_hkd_h: float
    attraction: Attraction
    clearance_group: str = ""
    """Traveller group whose clearance they have; empty for that of all travellers."""
    spell: int = 0
    """Of the day, in which they cross (:mod:`.spells`)."""
    spell_share: tuple[float, ...] = (1.0, 1.0)
    """By direction: of the passengers of all spells, those of this one."""

    @property
    def name(self) -> str:
        """As tables name it."""
        return f"{self.group}/{self.purpose}"


@dataclass(frozen=True)
class LandUse:
    """What there is in each zone in one land state: (zone,) each."""

    residents: F64
    jobs: F64
    commercial: F64
    """Hectares, or a proxy for them."""
    gateway: F64
    """Shares of the north's outside ends that enter the region here; sums to 1, or is 0 everywhere."""


@dataclass(frozen=True)
class Ends:
    """Where a segment's trips begin and end, by zone of each side."""

    home: F64
    """Persons; those from outside the region stand at its gateways."""
    away: F64
    """Shares; they sum to 1."""


def ends_of(segment: Segment, land: LandUse, sides: Sequence[NDArray[np.int64]], outside: float) -> Ends:
    """Home and away ends of a segment over the zones of their sides.

    Away zones draw ``sum over k of share_k X_k,j / (sum of X_k)`` with X the residents, jobs and commercial land of a zone.
    On the north side the part `outside` of the ends is moved to the gateways, so that travellers from beyond the region enter
    where they really do.

    Parameters
    ----------
    segment
        Its side of residence and attraction.
    land
        Of one land state.
    sides
        Zones of the south and of the north.
    outside
        Weight of the ends beyond the region, 0 to 1 (:meth:`corridor.demand.model.Model.balanced`); without gateways there
        are none.

    Returns
    -------
    Ends
        Persons by home zone, and shares that sum to 1 by away zone.
    """
    home_zones, away_zones = sides[segment.home], sides[1 - segment.home]
    home = land.residents[home_zones]
    away = np.zeros(away_zones.size)
    for what, share in zip((land.residents, land.jobs, land.commercial), segment.attraction, strict=True):
        there = what[away_zones]
        away += share * there / there.sum() if share > 0 else 0.0
    beyond = outside if land.gateway.any() else 0.0
    if segment.home == 1:
        home = (1 - beyond) * home + beyond * home.sum() * land.gateway[home_zones]
    else:
        away = (1 - beyond) * away + beyond * land.gateway[away_zones]
    return Ends(home, away)
