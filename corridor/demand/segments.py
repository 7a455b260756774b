"""Segments of travellers: a traveller group, for business or for anything else, with where and when its trips begin and end.

A traveller crosses in one spell of the day and chooses among the ways that run in it. A control point that is closed in a spell
has no way in it, so those who cross then use another, or are lost if there is none: nobody waits for the morning or leaves
earlier. A spell is part of a segment, as costs are of one spell, and not a mean over spells, which one closed hour would make
infinite. Constants belong to a control point and hold in every spell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from corridor.core.arrays import BOOL, F64, I64

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
    """Of the day, in which they cross."""
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


def ends_of(segment: Segment, land: LandUse, sides: Sequence[I64], outside: float) -> Ends:
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


class Spell(NamedTuple):
    """A part of the day, seen at one hour."""

    spell_id: str
    departure_h: float
    """Clock hour of the service day whose ways its travellers have."""
    outward_share: float
    """Of those who cross away from home, the share that cross in this spell; of the way home, `return_share`."""
    return_share: float


def by_spell(segments: Iterable[Segment], spells: Iterable[Spell]) -> tuple[Segment, ...]:
    """Each segment once for every spell, with its share of the passengers of either direction."""
    found, spells = [], tuple(spells)
    for segment in segments:
        for n, spell in enumerate(spells):
            shares = [spell.return_share] * len(DIRECTIONS)
            shares[segment.home] = (
                spell.outward_share
            )  # those of the south leave home northbound, direction 0
            found.append(replace(segment, spell=n, spell_share=tuple(shares)))
    return tuple(found)


def in_open_spells(
    segments: Sequence[Segment], reached: Sequence[BOOL], counted: Mapping[str, F64]
) -> tuple[Segment, ...]:
    """Move the passengers of a spell in which no counted gate can be used to those in which one can.

    Counts are of whole days: where the counted network has no way in a spell, nobody crossed in it.

    Parameters
    ----------
    segments
        Of all spells.
    reached
        By spell: (direction, gate), whether the gate can be used.
    counted
        By counted group: passengers, (direction, gate).

    Returns
    -------
    tuple of Segment
        The same segments with other shares of the day.
    """

    def share_of(segment: Segment, d: int) -> float:
        used = counted[segment.counted_as][d] > 0
        return segment.spell_share[d] if (reached[segment.spell][d] & used).any() else 0.0

    shares = {s: np.array([share_of(s, d) for d in range(len(DIRECTIONS))]) for s in segments}
    moved = []
    for segment, own in shares.items():
        whole = np.sum([shares[s] for s in segments if of_all_spells(s) == of_all_spells(segment)], axis=0)
        share = np.divide(own, whole, out=np.array(segment.spell_share), where=whole > 0)
        moved.append(replace(segment, spell_share=tuple(share.tolist())))
    return tuple(moved)


def of_all_spells(segment: Segment) -> Segment:
    """The same segment without its spell: the key of those that differ by spell alone."""
    return replace(segment, spell=0, spell_share=(1.0, 1.0))
