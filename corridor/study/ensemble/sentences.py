"""What an ensemble says, in plain sentences of three scripts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd
from scipy.special import ndtri

from corridor.drawing.i18n import STRINGS, fill, joined, listed, t, term
from corridor.drawing.i18n import sentences as in_one
from corridor.drawing.shares import percent
from corridor.schema.assumptions import Assumption
from corridor.schema.text import Text
from corridor.study.ensemble.attribution import Box, tornado
from corridor.study.ensemble.ensemble import MATTER, Ensemble
from corridor.study.ensemble.findings import ALIKE, probability_better

CHANCE = 0.05
"""How likely it is that any assumption is named whose rank correlation is nothing but chance."""
TOLD = {
    "traveller_hours_saved_day": "ensemble_travellers_hours", "crossings_new_points_day": "ensemble_travellers_new",
}  # fmt: skip
"""Criteria of travellers that sentences tell, and the words of each."""
BY_ASSUMPTION = "assumption"
"""Begins the source of a range that nobody published."""


def sentences(found: Ensemble) -> list[Text]:
    """All of it in the order of reading: the answer, each panel of weights under its name, travellers, what draws leave out."""
    parts = [
        (fill("ensemble_panel", profile=term("profile", p)), of_panel(found, p))
        for p in found.findings.scores
    ]
    parts.append((t("ensemble_travellers"), list(of_travellers(found))))
    told = [said for name, part in parts if part for said in (name, *part)]
    return [*answer(found), *told, *left_out(found)]


def answer(found: Ensemble) -> list[Text]:
    """Two sentences: who ranks first and how surely, and what that lead depends on most.

    Nothing without panels of weights, or with one scenario.
    """
    leaders = {p: firsts(found, p).index[0] for p in found.findings.scores if len(firsts(found, p)) > 1}
    if not leaders:
        return []
    parts = {i: joined([_first_share(found, p, i) for p in of]) for i, of in _grouped(leaders).items()}
    named = found.compared.named
    if len(parts) == 1:
        ((leader, shares),) = parts.items()
        first = fill("ensemble_first_all", scenario=named(leader), shares=shares)
    else:
        said = [fill("ensemble_part", scenario=named(i), shares=shares) for i, shares in parts.items()]
        first = fill("ensemble_first_some", parts=listed(said))
    return [first, _leans(found, leaders)]


def _leans(found: Ensemble, leaders: Mapping[str, str]) -> Text:
    """What the lead of each panel's leader over its runner-up depends on most."""
    strongest = {
        p: strong(found, p, *_first_two(found, p)).head(1)["assumption_id"].tolist() for p in leaders
    }
    by_assumption = _grouped({p: one[0] for p, one in strongest.items() if one})
    titles = titles_of(found)
    if not by_assumption:
        return t("ensemble_leans_none")
    if len(by_assumption) == 1 and all(strongest.values()):
        return fill("ensemble_leans_all", assumption=titles[next(iter(by_assumption))])
    said = [
        fill("ensemble_leans_part", assumption=titles[i], profiles=joined([term("profile", p) for p in of]))
        for i, of in by_assumption.items()
    ]
    return fill("ensemble_leans_some", parts=listed(said))


def of_panel(found: Ensemble, profile: str) -> list[Text]:
    """What a panel's weights give: who is first, over whom, what that lead follows, where it turns, what it may cost."""
    order, named = firsts(found, profile), found.compared.named
    if len(order) < 2:
        return []
    first, second = order.index[:2]
    count = len(found.inputs)
    shares = {"share": percent(order.iloc[0], count), "other": percent(order.iloc[1], count)}
    lost = found.findings.regret.set_index(["profile", "scenario_id"]).loc[(profile, first), "q95"]
    said = [fill("ensemble_ranks", first=named(first), second=named(second), **shares)]
    said += of_pair(found, profile, first, second)
    said += _over_others(found, profile, first, second)
    most = max(math.ceil(100 * lost), 1) / 100  # "at most": never rounded down, nor to nothing
    return [*said, fill("ensemble_regret", scenario=named(first), points=f"{most:.2f}")]


def of_pair(found: Ensemble, profile: str, a: str, b: str) -> Iterator[Text]:
    """How likely one scenario scores above another at a panel's mean weights, what that lead follows, and where it turns."""
    a, b = ordered(found, profile, a, b)
    odds = ahead(found, profile, a, b)
    error, count = f"{max(100 * float(odds['error']), 1):.0f}", len(found.inputs)
    named = found.compared.named
    yield fill(
        "ensemble_ahead",
        a=named(a),
        b=named(b),
        share=percent(float(odds["probability"]), count),
        error=error,
    )
    yield from _near(found, profile, a, b)
    rows = strong(found, profile, a, b)
    for key, some in (
        ("ensemble_grows", rows[rows["correlation"] > 0]),
        ("ensemble_shrinks", rows[rows["correlation"] < 0]),
    ):
        if len(some):
            yield fill(key, assumptions=listed([correlated(found, *row) for row in _named_rows(some)]))
    yield from flip(found, profile, a, b)


def _near(found: Ensemble, profile: str, a: str, b: str) -> Iterator[Text]:
    """That thinned cells may account for the lead of a pair; nothing where they do not."""
    if found.near(profile, a, b):
        table = found.score_thinning.set_index(["profile", "scenario_id", "against"])
        row = table.loc[(profile, a, b) if (profile, a, b) in table.index else (profile, b, a)]
        lead, error = (f"{abs(float(row[c])):.2g}" for c in ("middle", "apart"))
        yield fill("ensemble_near", lead=lead, error=error)


def flip(found: Ensemble, profile: str, a: str, b: str) -> Iterator[Text]:
    """Where the order of a pair turns round; nothing where no box says so."""
    a, b = ordered(found, profile, a, b)
    box = found.flips.get((profile, a, b))
    if box:
        limits = joined(list(_limits(box, {i.assumption_id: i for i in found.assumptions})), "ensemble_and")
        count, named = len(found.inputs), found.compared.named
        density, coverage = percent(box.density, count), percent(box.coverage, count)
        yield fill("ensemble_flip", a=named(a), b=named(b), limits=limits, density=density, coverage=coverage)


def _limits(box: Box, assumptions: Mapping[str, Assumption]) -> Iterator[Text]:
    for name, (low, high) in box.limits.items():
        one, above = assumptions[name], np.isfinite(low)
        value = with_unit(low if above else high, one.unit)
        yield fill("ensemble_above" if above else "ensemble_below", assumption=one.title, value=value)


def _over_others(found: Ensemble, profile: str, first: str, second: str) -> Iterator[Text]:
    """The leader over those after the runner-up; then every scenario over the reference."""
    named, reference = found.compared.named, found.reference_id
    rest = [i for i in found.scenario_ids if i not in (first, second, reference)]
    if rest:
        yield fill(
            "ensemble_others", a=named(first), parts=_others(found, profile, {i: (first, i) for i in rest})
        )
    others = [i for i in found.scenario_ids if i != reference]
    if others:
        parts = _others(found, profile, {i: (i, reference) for i in others})
        yield fill("ensemble_over_reference", reference=named(reference), parts=parts)


def _others(found: Ensemble, profile: str, pairs: Mapping[str, tuple[str, str]]) -> Text:
    """Scenarios, each with the probability of a pair."""
    named, count = found.compared.named, len(found.inputs)
    said = []
    for i, (a, b) in pairs.items():
        key = "ensemble_other_near" if found.near(profile, a, b) else "ensemble_other"
        share = percent(float(ahead(found, profile, a, b)["probability"]), count)
        said.append(fill(key, scenario=named(i), share=share))
    return joined(said)


def of_travellers(found: Ensemble) -> Iterator[Text]:
    """Of each criterion of travellers that is more where it is better: who leads whom, how surely, and what that depends on."""
    for criterion, key in TOLD.items():
        if criterion in found.draws and found.draws[criterion].notna().any():
            yield from _most_over_next(found, criterion, key)


def _most_over_next(found: Ensemble, criterion: str, key: str) -> Iterator[Text]:
    """The scenario with the highest median over the next one that differs from it."""
    figures = found.draws.reset_index().pivot_table(criterion, "draw", "scenario_id")[
        list(found.scenario_ids)
    ]
    middle = figures.median().sort_values(ascending=False, kind="stable")
    first = str(middle.index[0])
    behind = [str(i) for i in middle.index if not np.allclose(figures[i], figures[first], rtol=ALIKE)]
    if not behind:
        return
    next_one, count, named = behind[0], len(found.inputs), found.compared.named
    more, less = figures[first].to_numpy(float), figures[next_one].to_numpy(float)
    said = fill(
        key,
        a=named(first),
        b=named(next_one),
        share=percent(probability_better(more, less)[0], count),
        more=_three_digits(float(np.median(more))),
        less=_three_digits(float(np.median(less))),
    )
    rows = tornado(found.inputs, more - less)
    rows = rows[rows["correlation"].abs() >= weak(found.inputs)].head(MATTER)
    leans = [correlated(found, *row) for row in _named_rows(rows)]
    follows = [fill("ensemble_travellers_leans", assumptions=listed(leans))] if leans else []
    apart = found.thinning.set_index("criterion")["apart"].get(criterion, 0.0) if len(found.thinning) else 0.0
    near = [t("ensemble_travellers_near")] if abs(float(np.median(more - less))) < apart else []
    yield in_one([said, *follows, *near])


def _three_digits(figure: float) -> str:
    """A count as a sentence has it.

    Examples
    --------
    >>> _three_digits(14_728.0), _three_digits(0.0)
    ('14,700', '0')
    """
    return f"{float(f'{figure:.3g}'):,.0f}"


def to_source(found: Ensemble) -> Iterator[Text]:
    """The first assumption to source better: of those without a published range, what leads depend on most."""
    unsourced = {a.assumption_id for a in found.assumptions if a.source.startswith(BY_ASSUMPTION)}
    profiles = [p for p in found.findings.scores if len(firsts(found, p)) > 1]
    rows = [strong(found, p, *_first_two(found, p)) for p in profiles]
    named = [(abs(r), i) for frame in rows for i, r in _named_rows(frame) if i in unsourced]
    if named:
        yield fill("ensemble_to_source", assumption=titles_of(found)[max(named)[1]])


def left_out(found: Ensemble) -> Iterator[Text]:
    """What to source first, assumptions that draws do not vary yet, each with why, and criteria that count as no change."""
    yield from to_source(found)
    titles, reasons = titles_of(found), {a.assumption_id: a.not_yet for a in found.not_yet}
    said = [
        fill(
            "ensemble_not_yet_part",
            assumptions=joined([titles[i] for i in of]),
            reason=not_yet(found.assumptions, of[0]),
        )
        for of in _grouped(reasons).values()
    ]
    if said:
        yield fill("ensemble_not_yet", parts=listed(said))
    drawn = set(found.findings.differences["criterion"])
    missing = [c.title for c in found.compared.criteria if c.scored and c.criterion_id not in drawn]
    if missing:
        yield fill("ensemble_not_scored", criteria=listed(missing))


def not_yet(assumptions: Iterable[Assumption], assumption_id: str) -> Text:
    """Why an assumption is not varied yet."""
    one = next(a for a in assumptions if a.assumption_id == assumption_id)
    return STRINGS.get(f"not_varied_{one.varies}") or Text(en=one.not_yet)


def firsts(found: Ensemble, profile: str) -> pd.Series:
    """By scenario, the share of draws in which it ranks first under a panel; the most likely first."""
    table = found.findings.acceptability
    rows = table[(table["profile"] == profile) & (table["rank"] == 1)]
    return rows.set_index("scenario_id")["share"].sort_values(ascending=False, kind="stable")


def _first_two(found: Ensemble, profile: str) -> tuple[str, str]:
    first, second = firsts(found, profile).index[:2]
    return str(first), str(second)


def ordered(found: Ensemble, profile: str, a: str, b: str) -> tuple[str, str]:
    """Two scenarios, the one that leads in most draws first."""
    return (a, b) if (profile, a, b) in found.flips else (b, a)


def ahead(found: Ensemble, profile: str, a: str, b: str) -> pd.Series:
    """The row of a pair in :attr:`corridor.study.ensemble.findings.Findings.ahead`."""
    row: pd.Series = found.findings.ahead.set_index(["profile", "scenario_id", "against"]).loc[
        (profile, a, b)
    ]
    return row


def strong(found: Ensemble, profile: str, a: str, b: str) -> pd.DataFrame:
    """The assumptions that the lead of a pair follows most, at most :data:`MATTER`; none with a correlation under :func:`weak`."""
    a, b = ordered(found, profile, a, b)
    rows = found.leans_on
    rows = rows[(rows["profile"] == profile) & (rows["scenario_id"] == a) & (rows["against"] == b)]
    return rows[rows["correlation"].abs() >= weak(found.inputs)].head(MATTER)


def weak(inputs: pd.DataFrame) -> float:
    """The least rank correlation that is named, of n draws of m assumptions: ``tanh(z / sqrt(n - 3))``.

    With z the quantile of the normal distribution at 1 - :data:`CHANCE` / 2 m (Fisher's transformation, and Bonferroni's correction
    for many assumptions).

    Examples
    --------
    >>> [round(weak(pd.DataFrame(0.0, range(n), range(21))), 2) for n in (10, 200, 500)]
    [0.82, 0.21, 0.14]
    """
    draws, assumptions = inputs.shape
    return float(np.tanh(ndtri(1 - CHANCE / (2 * assumptions)) / np.sqrt(draws - 3)))


def _named_rows(rows: pd.DataFrame) -> Iterator[tuple[str, float]]:
    yield from zip(rows["assumption_id"], rows["correlation"], strict=True)


def correlated(
    found: Ensemble, assumption_id: str, correlation: float, key: str = "ensemble_correlated"
) -> Text:
    """An assumption with its rank correlation, in the words of a key."""
    number = f"{correlation:+.2f}".replace("-", "−")
    return fill(key, assumption=titles_of(found)[assumption_id], number=number)


def titles_of(found: Ensemble) -> dict[str, Text]:
    """The title of each assumption, by its id."""
    return {a.assumption_id: a.title for a in found.assumptions}


def with_unit(value: float, unit: str) -> Text:
    """The value of an assumption to three digits, with its unit."""
    number = f"{value:.3g}".replace("-", "−")
    return fill("figure_with_unit", number=number, unit=term("unit", unit)) if unit else Text(en=number)


def _first_share(found: Ensemble, profile: str, scenario_id: str) -> Text:
    share = percent(float(firsts(found, profile)[scenario_id]), len(found.inputs))
    key = "ensemble_share_near" if found.near(profile, *_first_two(found, profile)) else "ensemble_share"
    return fill(key, percent=share, profile=term("profile", profile))


def _grouped(what: Mapping[str, str]) -> dict[str, list[str]]:
    """Keys by their value, in order."""
    found: dict[str, list[str]] = {}
    for key, value in what.items():
        found.setdefault(value, []).append(key)
    return found
