"""Generalised cost in words, for the pages that show it."""

from __future__ import annotations

from math import isfinite

from corridor.drawing.i18n import fill, joined, term
from corridor.network.fares import CostParameters
from corridor.schema.tables import EVERYBODY
from corridor.schema.text import Text


def cost_words(cost: CostParameters) -> Text:
    """What generalised cost is made of, with weights, values of time (HKD an hour) and the rate of exchange.

    Without a value of time money does not count, and the sentence says so.
    """
    weights = {
        "wait": f"{cost.wait_weight:g}",
        "walk": f"{cost.walk_weight:g}",
        "clearance": f"{cost.clearance_weight:g}",
        "boarding": f"{cost.boarding_penalty_s / 60:g}",
    }
    if not isfinite(cost.of(None)):
        return fill("cost_note_time", **weights)
    groups = joined(
        [
            fill("cost_group", group=term("travellers", group), worth=f"{worth:g}")
            for group, worth in cost.value_of_time_hkd_h.items()
            if group != EVERYBODY
        ]
    )
    rate, worth = f"{cost.cny_per_hkd:g}", f"{cost.of(None):g}"
    return fill("cost_note", **weights, worth=worth, rate=rate, groups=groups)
