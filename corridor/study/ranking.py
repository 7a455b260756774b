"""Scores under the weights of panels, with their range, and how often one scenario is better than another.

A score is the weighted sum of a scenario's values (:mod:`corridor.study.values`), so it depends on that scenario and the
do-minimum alone, which scores 0. Weights are swing weights: what the way from the do-minimum to the anchor of one
criterion counts beside that of another. A panel's weights are the mean of its judges' weights.

How firm an order is, is found by drawing again and again a judge of the panel, weights around that judge's, and every
uncertain figure between its low and high end (stochastic multicriteria acceptability analysis: Lahdelma, Hokkanen and
Salminen 1998; Lahdelma and Salminen 2001).
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.core.pareto import DIGITS, dominates
from corridor.schema.comparison import Criterion
from corridor.schema.weights import Panel
from corridor.study.values import Bounds, drawn_values, values_of

DRAWS = 2_000
CONCENTRATION = 60.0  # of the Dirichlet law around a judge: weights vary by roughly a third of themselves
SEED = 20_351
RANKING = (
    "profile", "scenario_id", "score", "score_low", "score_high", "rank", "rank_low", "rank_high", "first_share",
    "judges_first",
)  # fmt: skip
BETTER = ("profile", "scenario_id", "against", "probability", "judges_share")
WEIGHTS = ("profile", "criterion", "judges", "weight", "weight_sd", "weight_low", "weight_high")


@dataclass(frozen=True)
class Verdict:
    """What the values of scenarios say: before any weight, and under each panel.

    ``dominance``: see :func:`dominance`.
    ``ranking``: profile (the panel), scenario_id, score, score_low, score_high (5th and 95th percentile of the draws),
    rank, rank_low, rank_high (best and worst in 90 % of draws), first_share (of draws), judges_first (share of judges).
    ``better``: profile, scenario_id, against, probability (share of draws in which the one scores more than the other),
    judges_share (share of judges under whose own weights it does); equal scores count half.
    ``weights``: profile, criterion, judges (how many), weight (their mean), and their standard deviation, least and most.
    """

    dominance: pd.DataFrame
    ranking: pd.DataFrame
    better: pd.DataFrame
    weights: pd.DataFrame


def verdict(
    bounds: Bounds,
    criteria: Sequence[Criterion],
    do_minimum: str,
    panels: Sequence[Panel],
    counterfactual: Collection[str] = (),
) -> Verdict:
    """Rank scenarios under each panel, and find what is dominated before any weight.

    Parameters
    ----------
    bounds
        Figures by scenario and criterion, with the low and high end of each.
    criteria
        The scored criteria; each has an anchor.
    do_minimum
        The scenario of `bounds` that scores 0.
    panels
        Panels of judges with their swing weights, a row a judge, each row summing to 1. Without panels nothing is ranked.
    counterfactual
        Scenarios that nobody proposes: they may be dominated, but dominate nothing.

    Returns
    -------
    Verdict
        Empty tables where fewer than two scenarios are compared; nothing is dominated, or ranked, where no criterion is scored. Draws are seeded: the same input gives the same shares.
    """
    values = values_of(bounds.central, criteria, do_minimum)
    beaten = dominance(values if len(values) > 1 and len(values.columns) else values.iloc[:0], counterfactual)
    if not panels or len(bounds.central) < 2:
        return Verdict(beaten, *(pd.DataFrame(columns=list(names)) for names in (RANKING, BETTER, WEIGHTS)))
    centre = values.to_numpy(float)
    position = np.random.default_rng(SEED).uniform(size=(DRAWS, len(criteria)))
    drawn = drawn_values(bounds, criteria, do_minimum, position)
    ids = [str(i) for i in bounds.central.index]
    judged = [_judged(panel, ids, centre, drawn) for panel in panels]
    return Verdict(
        dominance=beaten,
        ranking=pd.concat([ranking for ranking, _ in judged], ignore_index=True),
        better=pd.concat([better for _, better in judged], ignore_index=True),
        weights=pd.concat([_weights(panel, criteria) for panel in panels], ignore_index=True),
    )


def dominance(values: pd.DataFrame, counterfactual: Collection[str]) -> pd.DataFrame:
    """Find the scenarios that another one dominates: is no worse in anything and better in something (the Pareto rule).

    Parameters
    ----------
    values
        Scenario (index) by criterion, in value points: more is better.
    counterfactual
        Scenarios that nobody proposes: they may be dominated, but are no better choice than anything.

    Returns
    -------
    pandas.DataFrame
        scenario_id, counterfactual, dominated, dominated_by (ids with spaces between): a row a scenario.
    """
    ids = [str(i) for i in values.index]
    beats = dominates(values.to_numpy(float))
    beats[[i in counterfactual for i in ids]] = False
    by = [" ".join(ids[row] for row in np.flatnonzero(beats[:, column])) for column in range(len(ids))]
    return pd.DataFrame(
        {
            "scenario_id": ids,
            "counterfactual": [i in counterfactual for i in ids],
            "dominated": [bool(others) for others in by],
            "dominated_by": by,
        }
    )


def _judged(
    panel: Panel, ids: list[str], centre: NDArray[np.float64], drawn: NDArray[np.float64]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The ranking of one panel, and how often each scenario is better than each other."""
    scores = np.einsum("dsc,dc->ds", drawn, draw_weights(panel))
    of_judges = panel.weights @ centre.T  # a row a judge
    score = centre @ panel.weights.mean(axis=0)
    ranks = ranks_of(scores)
    ranking = pd.DataFrame(
        {
            "profile": panel.panel_id,
            "scenario_id": ids,
            "score": score,
            "score_low": np.percentile(scores, 5, axis=0),
            "score_high": np.percentile(scores, 95, axis=0),
            "rank": ranks_of(score[None])[0],
            "rank_low": np.percentile(ranks, 5, axis=0, method="nearest").astype(int),
            "rank_high": np.percentile(ranks, 95, axis=0, method="nearest").astype(int),
            "first_share": _firsts(ranks),
            "judges_first": _firsts(ranks_of(of_judges)),
        }
    )
    better, judges = _better(scores), _better(of_judges)
    rows = [
        (panel.panel_id, a, b, float(better[i, j]), float(judges[i, j]))
        for i, a in enumerate(ids)
        for j, b in enumerate(ids)
        if i != j
    ]
    return ranking, pd.DataFrame(rows, columns=list(BETTER))


def draw_weights(panel: Panel, draws: int = DRAWS) -> NDArray[np.float64]:
    """Draw weights around those of a judge, who is drawn anew each time.

    Weights follow a Dirichlet law with the judge's weights as its mean and :data:`CONCENTRATION` as its sum of parameters; a
    judge's zero stays zero. The draws of a panel depend on its name and weights, not on what else is compared.

    Returns
    -------
    numpy.ndarray
        Shape (draw, criterion); each row sums to 1.
    """
    generator = np.random.default_rng([SEED, zlib.crc32(panel.panel_id.encode())])
    judge = generator.integers(len(panel.judges), size=draws)
    gamma = generator.standard_gamma(CONCENTRATION * panel.weights[judge])  # Dirichlet, row by row
    return np.asarray(gamma / gamma.sum(axis=1, keepdims=True))


def ranks_of(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rank the scenarios in each row, the highest score first.

    Parameters
    ----------
    scores
        (draw, scenario) scores; differences below 1e-9 are rounding.

    Returns
    -------
    numpy.ndarray
        (draw, scenario) ranks from 1; equal scores share the better rank, and the next rank is left out.
    """
    level = scores.round(DIGITS)
    better = level[:, None, :] > level[:, :, None]  # a row of draws, the scenario ranked, the others
    return np.asarray(1 + better.sum(axis=2), dtype=np.int64)


def _firsts(ranks: NDArray[np.int64]) -> NDArray[np.float64]:
    """In what share of the rows each is first; a first place is shared out among equals."""
    firsts = ranks == 1
    return np.asarray((firsts / firsts.sum(axis=1, keepdims=True)).mean(axis=0))


def _better(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """(scenario, scenario): in what share of the rows the first scores more; equal scores count half."""
    level = scores.round(DIGITS)
    more = (level[:, :, None] > level[:, None, :]).mean(axis=0)
    return np.asarray((1 + more - more.T) / 2)


def _weights(panel: Panel, criteria: Sequence[Criterion]) -> pd.DataFrame:
    weights = panel.weights
    return pd.DataFrame(
        {
            "profile": panel.panel_id,
            "criterion": [c.id for c in criteria],
            "judges": len(panel.judges),
            "weight": weights.mean(axis=0),
            "weight_sd": weights.std(axis=0),
            "weight_low": weights.min(axis=0),
            "weight_high": weights.max(axis=0),
        }
    )[list(WEIGHTS)]
