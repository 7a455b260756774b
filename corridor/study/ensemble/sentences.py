"""What an ensemble says, in plain English sentences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from corridor.schema.assumptions import Assumption
from corridor.study.ensemble.attribution import Box
from corridor.study.ensemble.ensemble import MATTER, Ensemble
from corridor.study.ensemble.findings import standard_error

WEAK = 0.1
"""A rank correlation below this is not named."""


def sentences(found: Ensemble) -> list[str]:
    """The main sentences: who ranks first and how surely, what that leans on, where it turns round, what is not varied."""
    said = [s for profile in found.findings.scores for s in _of_panel(found, profile)]
    left = "; ".join(f"{a.title.en} ({a.not_yet})" for a in found.not_yet)
    return [*said, f"Not varied yet: {left}."] if left else said


def _of_panel(found: Ensemble, profile: str) -> Iterator[str]:
    table = found.findings.acceptability
    firsts = table[(table["profile"] == profile) & (table["rank"] == 1)].set_index("scenario_id")["share"]
    order = firsts.sort_values(ascending=False, kind="stable")
    first, second = order.index[0], order.index[1]
    yield (
        f"With the weights of {profile}, {first} ranks first in {percent(order.iloc[0])} of draws of assumptions and weights, "
        f"{second} in {percent(order.iloc[1])}."
    )
    yield from of_pair(found, profile, first, second)
    lost = found.findings.regret.set_index(["profile", "scenario_id"]).loc[(profile, first)]
    yield (
        f"Choosing {first} costs at most {lost['q95']:.2f} value points against the best choice in 95 % of draws."
    )


def of_pair(found: Ensemble, profile: str, a: str, b: str) -> Iterator[str]:
    """How likely one scenario scores above another at a panel's mean weights, what that leans on, and where it turns."""
    scores = found.findings.scores[profile]
    led = (scores[a] > scores[b]).mean()
    if led < 0.5:
        a, b, led = b, a, 1 - led
    error = standard_error(float(led), len(scores))
    yield f"{a} scores above {b} in {percent(float(led))} of draws (sampling error {100 * error:.0f} points)."
    rows = found.leans_on.query("profile == @profile and scenario_id == @a and against == @b")
    strong = rows[rows["correlation"].abs() >= WEAK].head(MATTER)
    titles = {one.assumption_id: one for one in found.assumptions}
    if len(strong):
        named = ", ".join(
            f"{titles[r.assumption_id].title.en} ({r.correlation:+.2f})" for r in strong.itertuples()
        )
        yield f"That lead follows, by rank correlation: {named}."
    box = found.flips.get((profile, a, b))
    if box:
        yield _flipped(box, a, b, titles)


def _flipped(box: Box, a: str, b: str, titles: dict[str, Assumption]) -> str:
    limits = " and ".join(_limit(titles[i], *ends) for i, ends in box.limits.items())
    return (
        f"{a} leads {b} unless {limits}; there {b} leads in {percent(box.density)} of draws, and these are "
        f"{percent(box.coverage)} of all draws in which {b} leads."
    )


def _limit(one: Assumption, low: float, high: float) -> str:
    above = np.isfinite(low)
    value = f"{low if above else high:.3g} {one.unit}".strip()
    return f"{one.title.en} is {'above' if above else 'below'} {value}"


def percent(share: float) -> str:
    """A share as a reader takes it: never 0 or 100 % of draws that were a sample."""
    if share > 0.995:
        return "over 99 %"
    return "under 1 %" if share < 0.005 else f"{100 * share:.0f} %"
