"""What draws say: how likely one scenario is better than another, who ranks where, how far off a choice may be.

All draws are paired: every scenario has the same value of every assumption in a draw, so differences between scenarios
vary less than the scenarios do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.ecology.impact.assess import stacked
from corridor.schema.comparison import Criterion
from corridor.schema.weights import Panel
from corridor.study.ranking import draw_weights, ranks_of
from corridor.study.values import slopes

F64 = NDArray[np.float64]
ODDS = ("probability", "error", "draws", "same")
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
ALIKE = 1e-9
"""A difference below this share of the figures is rounding, and counts half for each."""


@dataclass(frozen=True)
class Findings:
    """Tables of an ensemble.

    Attributes
    ----------
    better
        scenario_id, against, criterion, probability, error (one standard error of the share, from the number of draws),
        draws, same (share of draws without a difference).
    differences
        scenario_id, against, criterion, and a column for each quantile of :data:`QUANTILES` ("q05" ...), in the criterion's unit.
    acceptability
        profile, scenario_id, rank, share: of draws of assumptions and of weights around those of the judges.
    regret
        profile, scenario_id, mean, q95, most: how many value points a choice is below the best of its draw.
    scores
        (draw, scenario) for each profile, at the mean weights of its judges.
    ahead
        profile, scenario_id, against, probability, error, draws, same: as ``better``, of the scores.
    """

    better: pd.DataFrame
    differences: pd.DataFrame
    acceptability: pd.DataFrame
    regret: pd.DataFrame
    scores: dict[str, pd.DataFrame]
    ahead: pd.DataFrame


def findings(
    draws: pd.DataFrame, criteria: Mapping[str, str], scored: Sequence[Criterion], do_minimum: str, panels: Sequence[Panel]
) -> Findings:  # fmt: skip
    """Read the tables off draws.

    Parameters
    ----------
    draws
        Index draw, scenario_id; a column for each criterion.
    criteria
        By criterion, whether "higher" or "lower" is better.
    scored
        Criteria with an anchor.
    do_minimum
        The scenario that is worth 0.
    panels
        Panels of judges.
    """
    ids = list(dict.fromkeys(draws.index.get_level_values("scenario_id")))
    wide = {c: draws.reset_index().pivot_table(c, "draw", "scenario_id", dropna=False)[ids] for c in criteria}
    better, differences = [], []
    for criterion, direction in criteria.items():
        frame = wide[criterion]
        odds = _odds(frame if direction == "higher" else -frame)
        better += [(a, b, criterion, *found) for a, b, *found in odds]
        differences += [
            (a, b, criterion, *(frame[a] - frame[b]).quantile(list(QUANTILES)))
            for a, b in combinations(ids, 2)
        ]
    values = values_of_draws(draws, scored, do_minimum, ids)
    acceptability, regrets, scores, ahead = [], [], {}, []
    index = draws.index.get_level_values("draw").unique()
    for panel in panels:
        mean = values @ panel.weights.mean(axis=0)
        scores[panel.panel_id] = pd.DataFrame(mean, index=index, columns=ids)
        ahead += [(panel.panel_id, *row) for row in _odds(scores[panel.panel_id])]
        acceptability.append(_ranks(values, panel, ids))
        regrets.append(_regrets(mean, panel, ids))
    return Findings(
        pd.DataFrame(better, columns=["scenario_id", "against", "criterion", *ODDS]),
        pd.DataFrame(
            differences, columns=["scenario_id", "against", "criterion", *map(quantile_name, QUANTILES)]
        ),
        stacked([pd.DataFrame(), *acceptability]),
        stacked([pd.DataFrame(), *regrets]),
        scores,
        pd.DataFrame(ahead, columns=["profile", "scenario_id", "against", *ODDS]),
    )


def _odds(figures: pd.DataFrame) -> Iterator[tuple[str, str, float, float, int, float]]:
    """For each pair both ways round: scenario_id, against, and :data:`ODDS`; (draw, scenario) figures, more is better."""
    for a, b in combinations(figures.columns, 2):
        p, same, n = probability_better(figures[a].to_numpy(), figures[b].to_numpy())
        yield from ((x, y, q, standard_error(q, n), n, same) for x, y, q in ((a, b, p), (b, a, 1 - p)))


def quantile_name(q: float) -> str:
    """Its column, such as q05."""
    return f"q{round(100 * q):02d}"


def probability_better(a: F64, b: F64) -> tuple[float, float, int]:
    """In what share of draws the first is more than the second.

    Parameters
    ----------
    a, b
        (draw,) figures of which more is better; draws in which either is NaN are left out.

    Returns
    -------
    probability, same, draws
        Equal figures count half. ``same`` is the share of draws with equal figures; NaN without any draw.

    Examples
    --------
    >>> probability_better(np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.0, 2.0, 9.0, 1.0]))
    (0.625, 0.25, 4)
    """
    known = np.isfinite(a) & np.isfinite(b)
    a, b = a[known], b[known]
    if not a.size:
        return math.nan, math.nan, 0
    same = np.abs(a - b) <= ALIKE * np.maximum(np.abs(a), np.abs(b))
    more = (a > b) & ~same
    return float((more + 0.5 * same).mean()), float(same.mean()), int(a.size)


def standard_error(probability: float, draws: int) -> float:
    """One standard error of a share of independent draws, ``sqrt(p (1 - p) / n)``.

    With all draws on one side it is that of a share of ``1 / (n + 2)`` from the end (the rule of succession), never 0. A Latin
    hypercube errs less, so this is on the safe side. What is printed of such a share is bounded by the rule of three
    (:func:`corridor.drawing.shares.surest`).
    """
    if not draws:
        return math.nan
    p = min(max(probability, 1 / (draws + 2)), 1 - 1 / (draws + 2))
    return math.sqrt(p * (1 - p) / draws)


def values_of_draws(
    draws: pd.DataFrame, scored: Sequence[Criterion], do_minimum: str, ids: Sequence[str]
) -> F64:
    """(draw, scenario, criterion) value points against the do-minimum of the same draw; not assessed is worth 0."""
    names = [c.id for c in scored]
    count = len(draws) // len(ids)
    cube = draws[names].to_numpy(float).reshape(count, len(ids), len(names))
    base = list(ids).index(do_minimum)
    return np.asarray(np.nan_to_num((cube - cube[:, base : base + 1]) * slopes(scored)))


WEIGHTS_A_DRAW = 20


def _ranks(values: F64, panel: Panel, ids: Sequence[str]) -> pd.DataFrame:
    """Every draw of assumptions under several draws of weights; a place that several share is shared out."""
    weights = draw_weights(panel, WEIGHTS_A_DRAW * len(values))
    scores = np.einsum("dsc,dc->ds", np.repeat(values, WEIGHTS_A_DRAW, axis=0), weights)
    shares = rank_shares(ranks_of(scores))
    rows = [
        (panel.panel_id, i, rank + 1, float(shares[k, rank]))
        for k, i in enumerate(ids)
        for rank in range(len(ids))
    ]
    return pd.DataFrame(rows, columns=["profile", "scenario_id", "rank", "share"])


def rank_shares(ranks: NDArray[np.int64]) -> F64:
    """(scenario, rank) in what share of the rows a scenario has a rank (Lahdelma and Salminen 2001).

    Parameters
    ----------
    ranks
        (draw, scenario) from 1; of scenarios that share a rank each has an equal part of the places they fill.

    Examples
    --------
    >>> rank_shares(np.array([[1, 2], [1, 1]]))
    array([[0.75, 0.25],
           [0.25, 0.75]])
    """
    draws, count = ranks.shape
    shares = np.zeros((count, count))
    for rank in range(1, count + 1):
        tied = ranks == rank
        many = tied.sum(axis=1)
        for places in np.unique(many[many > 0]):
            part = tied[many == places].sum(axis=0) / places
            shares[:, rank - 1 : rank - 1 + places] += part[:, None]
    return np.asarray(shares / draws)


def _regrets(scores: F64, panel: Panel, ids: Sequence[str]) -> pd.DataFrame:
    lost = regret(scores)
    return pd.DataFrame(
        {
            "profile": panel.panel_id,
            "scenario_id": list(ids),
            "mean": lost.mean(axis=0),
            "q95": np.quantile(lost, 0.95, axis=0),
            "most": lost.max(axis=0),
        }
    )


def regret(scores: F64) -> F64:
    """(draw, scenario) how much each is below the best of its draw (Savage 1951).

    Examples
    --------
    >>> regret(np.array([[1.0, 3.0], [2.0, 0.5]])).tolist()
    [[2.0, 0.0], [0.0, 1.5]]
    """
    return np.asarray(scores.max(axis=1, keepdims=True) - scores)
