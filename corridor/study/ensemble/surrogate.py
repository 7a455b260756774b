"""Shares of the variance of a difference: Morris to screen, Sobol on the few, both on a surrogate of the draws.

A search of ways for each of thousands of samples would take weeks. A polynomial that stands in for it is fitted to the
draws that are there, and says how well it foretells draws that it has not seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.study.ensemble.attribution import morris, sobol

F64 = NDArray[np.float64]
PENALTIES = 10.0 ** np.arange(-3, 4)
LEAST_R2 = 0.5
"""Below this the surrogate foretells less than half of the variance, and its shares are not given."""
FEW = 6
BASE = 512
COLUMNS = ("assumption_id", "effect", "spread", "first", "first_error", "total", "total_error", "r2")
SEED = 1


@dataclass(frozen=True)
class Surrogate:
    """A polynomial of the second degree in the ranks of inputs: ``c0 + sum_k (a_k x_k + b_k x_k^2) + sum_{j<k of the few} c_jk x_j x_k``.

    Attributes
    ----------
    few
        The inputs whose products count.
    coefficients
        (term,) of the standardised terms.
    r2
        Share of the variance that is foretold of draws left out one at a time, ``1 - sum e_i^2 / sum (y_i - mean)^2``.
    """

    few: tuple[int, ...]
    centre: F64
    scale: F64
    coefficients: F64
    mean: float
    r2: float

    @classmethod
    def fit(cls, ranks: F64, figures: F64) -> Surrogate:
        """Fit by ridge regression; of seven penalties the one that foretells best.

        Parameters
        ----------
        ranks
            (draw, input) from 0 to 1.
        figures
            (draw,) of which not all are the same.
        """
        together = np.asarray(np.corrcoef(np.column_stack([ranks, figures]), rowvar=False))[-1, :-1]
        few = tuple(sorted(np.argsort(-np.abs(np.nan_to_num(together)), kind="stable")[:FEW].tolist()))
        terms = _terms(ranks, few)
        centre, scale = terms.mean(axis=0), terms.std(axis=0)
        scale[scale == 0] = 1.0
        left, size, right = np.linalg.svd((terms - centre) / scale, full_matrices=False)
        mean = float(figures.mean())
        found, least, penalty = left.T @ (figures - mean), np.inf, 1.0
        for one in PENALTIES:
            kept = size**2 / (size**2 + one)
            # what is off with the draw itself left out, without fitting anew (Allen 1974)
            own = (left**2 * kept).sum(axis=1) + 1 / len(figures)
            off = float((((figures - mean - left @ (kept * found)) / (1 - own)) ** 2).sum())
            if off < least:
                least, penalty = off, float(one)
        r2 = 1 - least / float(((figures - mean) ** 2).sum())
        return cls(few, centre, scale, right.T @ (size / (size**2 + penalty) * found), mean, r2)

    def __call__(self, ranks: F64) -> F64:
        """(sample,) figures at (sample, input) ranks."""
        return np.asarray(
            self.mean + (_terms(ranks, self.few) - self.centre) / self.scale @ self.coefficients
        )


def _terms(ranks: F64, few: tuple[int, ...]) -> F64:
    x = ranks - 0.5
    products = [x[:, j] * x[:, k] for n, j in enumerate(few) for k in few[n + 1 :]]
    return np.column_stack([x, x**2, *products])


def variance_shares(values: pd.DataFrame, difference: F64) -> pd.DataFrame:
    """How much of the variance of a difference each assumption explains, alone and with others.

    Parameters
    ----------
    values
        Index draw, a column for each assumption; they count by rank, and as if they were independent.
    difference
        (draw,) one scenario less another.

    Returns
    -------
    pandas.DataFrame
        assumption_id, effect (Morris' mean of absolute effects, in the unit of the difference over the whole range), spread
        (of effects), first, first_error, total, total_error (Sobol, half of the 95 % interval; of the few that Morris names,
        NaN for others), r2 of the surrogate. Empty where the difference does not vary, where there are no more draws than
        terms, or where r2 is below :data:`LEAST_R2`.
    """
    names = [str(c) for c in values if np.ptp(values[c]) > 0]
    terms = 2 * len(names) + FEW * (FEW - 1) // 2
    if len(names) < 2 or len(difference) <= terms or np.ptp(difference) <= 0:
        return pd.DataFrame()
    ranks = ((values[names].rank() - 0.5) / len(values)).to_numpy(float)
    surrogate = Surrogate.fit(ranks, difference)
    if surrogate.r2 < LEAST_R2:
        return pd.DataFrame()
    screened = morris(surrogate, dict.fromkeys(names, (0.0, 1.0)), seed=SEED)
    screened = screened.sort_values("effect", ascending=False, kind="stable", ignore_index=True)
    few = screened["assumption_id"].head(FEW).tolist()
    columns = [names.index(name) for name in few]

    def of_few(sample: F64) -> F64:
        """All others at their medians."""
        whole = np.full((len(sample), len(names)), 0.5)
        whole[:, columns] = sample
        return surrogate(whole)

    shares = sobol(of_few, dict.fromkeys(few, (0.0, 1.0)), BASE, SEED)
    return screened.merge(shares, on="assumption_id", how="left").assign(r2=surrogate.r2)
