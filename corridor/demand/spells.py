"""Spells of the day: a traveller crosses in one of them and chooses among the ways that run in it.

A control point that is closed in a spell has no way in it, so those who cross then use another, or are lost if there is none:
nobody waits for the morning or leaves earlier. A spell is part of a segment, as costs are of one spell, and not a mean over
spells, which one closed hour would make infinite. Constants belong to a control point and hold in every spell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corridor.demand.segments import DIRECTIONS, Segment


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
    segments: Sequence[Segment],
    reached: Sequence[NDArray[np.bool_]],
    counted: Mapping[str, NDArray[np.float64]],
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
