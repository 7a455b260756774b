"""The draws: which value each assumption has in each of them. They depend on the seed and on how many there are alone.

Every column is a Latin hypercube of its own, seeded by the name of what it is for: an assumption that is added or left
out changes no other column, all scenarios have the same draws, and it does not matter who works out which draw.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.core.in_memory import kept
from corridor.schema.assumptions import Assumption

F64 = NDArray[np.float64]
SEED = 20_352


@dataclass(frozen=True, eq=False)
class Design:
    """Draws of all assumptions.

    Attributes
    ----------
    assumptions
        Those that are varied.
    correlation
        (assumption, assumption) correlations of their ranks, as those of normal variables.
    draws, seed
        How many draws there are, and the seed of all of them.
    """

    assumptions: tuple[Assumption, ...]
    correlation: F64
    draws: int
    seed: int = SEED

    @property
    def drawn(self) -> list[list[str | float]]:
        """What values depend on besides the seed and the number of draws: titles, sources and reasons do not count."""
        rows: list[list[str | float]] = [
            [a.assumption_id, a.varies, a.scope, a.distribution, a.low, a.mode, a.high, a.own_share]
            for a in self.assumptions
        ]
        return [row + correlated for row, correlated in zip(rows, self.correlation.tolist(), strict=True)]

    @cached_property
    def _by_what(self) -> Mapping[tuple[str, str], Assumption]:
        return {(a.varies, a.scope): a for a in self.assumptions}

    def of(self, varies: str, scope: str = "") -> Assumption | None:
        """The assumption that varies something; None where the table has none."""
        return self._by_what.get((varies, scope))

    @cached_property
    def _common(self) -> F64:
        """(draw, assumption) normal variables with the stated correlations."""
        free = np.column_stack([self._normal(a.assumption_id) for a in self.assumptions])
        return np.asarray(free @ np.linalg.cholesky(self.correlation).T)

    def _normal(self, name: str) -> F64:
        from scipy.special import ndtri
        from scipy.stats import qmc

        generator = np.random.default_rng([self.seed, zlib.crc32(name.encode())])
        with np.errstate(divide="ignore"):
            return np.asarray(ndtri(qmc.LatinHypercube(1, seed=generator).random(self.draws)[:, 0]))

    @cached_property
    def common(self) -> pd.DataFrame:
        """Values common to all that an assumption is about: index draw, a column for each assumption_id."""
        from scipy.special import ndtr

        columns = {a.assumption_id: a.at(ndtr(self._common[:, k])) for k, a in enumerate(self.assumptions)}
        return pd.DataFrame(columns, index=pd.RangeIndex(self.draws, name="draw"))

    @kept()
    def own(self, assumption_id: str, unit: str) -> F64:
        """Values of one control point, line or item: its own part of the variance is drawn for it alone.

        Returns
        -------
        numpy.ndarray
            (draw,), distributed as the assumption. Two units have the correlation ``1 - own_share``.
        """
        from scipy.special import ndtr

        k = next(k for k, a in enumerate(self.assumptions) if a.assumption_id == assumption_id)
        share = self.assumptions[k].own_share
        if share == 0 or not unit:
            return np.asarray(self.common[assumption_id].to_numpy(float))
        alone = self._normal(f"{assumption_id} of {unit}")
        together = np.sqrt(1 - share) * self._common[:, k] + np.sqrt(share) * alone
        return self.assumptions[k].at(ndtr(together))

    def draw(self, index: int) -> Draw:
        """One of the draws."""
        return Draw(self, index)


def design_of(assumptions: Sequence[Assumption], correlation: F64, draws: int, seed: int = SEED) -> Design:
    """Draws of the assumptions that an ensemble varies today; the others keep the value of the study.

    Parameters
    ----------
    assumptions, correlation
        The whole table, and the correlations of all its rows.
    draws, seed
        How many draws, and the seed.
    """
    varied = [k for k, a in enumerate(assumptions) if not a.not_yet]
    return Design(
        tuple(assumptions[k] for k in varied), np.asarray(correlation[np.ix_(varied, varied)]), draws, seed
    )


@dataclass(frozen=True)
class Draw:
    """One draw: the value of everything that varies. Without a design everything is as the study has it."""

    design: Design | None = None
    index: int = 0

    def value(self, varies: str, central: float, scope: str = "", unit: str = "") -> float:
        """The drawn value, or `central` where nothing varies it.

        Parameters
        ----------
        varies, scope
            As in the table of assumptions.
        central
            The value in the study.
        unit
            The control point, line or item that it is for; empty for the value common to all.
        """
        found = self.design.of(varies, scope) if self.design else None
        if found is None or self.design is None:
            return central
        return float(self.design.own(found.assumption_id, unit)[self.index])

    def ratio(self, varies: str, scope: str = "", unit: str = "") -> float:
        """The drawn value over the mode; 1 where nothing varies it."""
        found = self.design.of(varies, scope) if self.design else None
        return self.value(varies, 1.0, scope, unit) / (found.mode if found else 1.0)


AS_IT_IS = Draw()
"""Everything as the study has it."""
