"""Weighted scores with their range, for named profiles of weights.

A criterion's value becomes 0 at the worst and 1 at the best of the scenarios compared, so a score says who does
better here, not how good a scenario is. Every profile's weights are drawn again and again around their stated values,
and every uncertain criterion between its low and high value; the range of ranks and the share of first places (shared out among equals)
say how firm the order is (stochastic multicriteria acceptability analysis: Lahdelma, Hokkanen and Salminen 1998).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.score.criteria import Criterion

PROFILES: Mapping[str, Mapping[str, float]] = {
    "planner": {"access": 0.65, "nature": 0.35},
    "reviewer": {"access": 0.30, "nature": 0.70},
    "equal": {"access": 0.50, "nature": 0.50},
}
DRAWS = 2_000
CONCENTRATION = 60.0  # of the Dirichlet law around a profile: weights vary by roughly a third of themselves
SEED = 20_351


def weights_of(profile: Mapping[str, float], criteria: Sequence[Criterion]) -> NDArray[np.float64]:
    """The weight of each criterion in a profile; they sum to one."""
    raw = np.array([profile[c.group] * c.weight for c in criteria])
    return np.asarray(raw / raw.sum())


def utilities(values: NDArray[np.float64], criteria: Sequence[Criterion]) -> NDArray[np.float64]:
    """Values (scenario, criterion) as 0 (worst here) to 1 (best here); a criterion that does not differ gives 1."""
    signed = values * np.array([1.0 if c.direction == "higher" else -1.0 for c in criteria])
    low, high = signed.min(axis=0), signed.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    return np.asarray(np.where(high > low, (signed - low) / span, 1.0))


def _ranks(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Ranks in each row, the highest score first; equal scores share the better rank."""
    level = scores.round(12)
    better = level[:, None, :] > level[:, :, None]  # a row of draws, the scenario ranked, the others
    return np.asarray(1 + better.sum(axis=2), dtype=np.int64)


def rank(
    values: pd.DataFrame,
    low: pd.DataFrame,
    high: pd.DataFrame,
    criteria: Sequence[Criterion],
    profiles: Mapping[str, Mapping[str, float]] = PROFILES,
) -> pd.DataFrame:
    """Score and rank of each scenario in each profile.

    `values`, `low`, `high`: scenario by criterion. Returns profile, scenario_id, score, score_low, score_high
    (5th and 95th percentile), rank, rank_low, rank_high (best and worst rank in 90 % of draws), first_share.
    """
    ids = [c.criterion_id for c in criteria]
    centre = utilities(values[ids].to_numpy(float), criteria)
    generator = np.random.default_rng(SEED)
    bounds = np.sort(np.stack([low[ids].to_numpy(float), high[ids].to_numpy(float)]), axis=0)
    frames = []
    for name, profile in profiles.items():
        weights = weights_of(profile, criteria)
        drawn = generator.dirichlet(CONCENTRATION * weights, DRAWS)
        # One position between low and high a draw for each criterion: what is uncertain is shared by all scenarios.
        position = generator.uniform(size=(DRAWS, 1, len(ids)))
        sampled = bounds[0][None] + position * (bounds[1] - bounds[0])[None]
        scores = np.stack([utilities(v, criteria) @ w for v, w in zip(sampled, drawn, strict=True)])
        ranks = _ranks(scores)
        firsts = ranks == 1
        score = centre @ weights
        frames.append(
            pd.DataFrame(
                {
                    "profile": name,
                    "scenario_id": values.index,
                    "score": score,
                    "score_low": np.percentile(scores, 5, axis=0),
                    "score_high": np.percentile(scores, 95, axis=0),
                    "rank": _ranks(score[None])[0],
                    "rank_low": np.percentile(ranks, 5, axis=0, method="nearest").astype(int),
                    "rank_high": np.percentile(ranks, 95, axis=0, method="nearest").astype(int),
                    "first_share": (firsts / firsts.sum(axis=1, keepdims=True)).mean(axis=0),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
