"""How much an opportunity counts by the minutes it takes: impedance functions, 1 at 0 minutes and falling.

Each is a small record that is called with minutes and gives weights without unit; an unreachable place (infinite
minutes) weighs 0. Any function of your own that takes an array and gives weights of 0 or more does as well.
Parameters are the user's to fit or to state: none is given by default.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import expit

from corridor.access.measures.matrix import F64, Inputs, TravelMatrix


class Impedance(Protocol):
    """Weights of 0 or more from minutes; infinite minutes weigh 0."""

    def __call__(self, minutes: F64, /) -> F64:
        """Weights of the same shape as the minutes."""


class _Curve:
    """An impedance whose parameters are all finite numbers above 0."""

    def __post_init__(self) -> None:
        inputs = Inputs()
        inputs.positive(**vars(self))
        inputs.raise_all()


@dataclass(frozen=True)
class Exponential(_Curve):
    """``exp(-rate * t)``, rate per minute (Wilson 1971, A family of spatial interaction models)."""

    rate_per_min: float

    def __call__(self, minutes: F64, /) -> F64:
        """Weights, without unit."""
        return np.asarray(np.exp(-self.rate_per_min * minutes))


@dataclass(frozen=True)
class Power(_Curve):
    """``(max(t, least) / least) ** -exponent`` (Hansen 1959, How accessibility shapes land use).

    A power is infinite at 0 minutes: times below `least_min` count as `least_min` (stated by the user), and the
    weight there is 1. With ``least_min=1`` this is Hansen's ``t ** -exponent`` from 1 minute on.
    """

    exponent: float
    least_min: float = 1.0

    def __call__(self, minutes: F64, /) -> F64:
        """Weights, without unit."""
        return np.asarray((np.maximum(minutes, self.least_min) / self.least_min) ** -self.exponent)


@dataclass(frozen=True)
class Logistic(_Curve):
    """``(1 + exp(-m k)) / (1 + exp((t - m) k))``, ``k = pi / (sd sqrt 3)``.

    Falls from 1 at 0 minutes, steepest at the median m; `sd_min` is the standard deviation of the logistic curve
    (Bauer and Groneberg 2016, Measuring spatial accessibility of health care providers, PLOS ONE 11(7)).
    """

    median_min: float
    sd_min: float

    def __call__(self, minutes: F64, /) -> F64:
        """Weights, without unit."""
        steepness = np.pi / (self.sd_min * np.sqrt(3))
        return np.asarray(expit((self.median_min - minutes) * steepness) / expit(self.median_min * steepness))


@dataclass(frozen=True)
class Gaussian(_Curve):
    """``exp(-t^2 / (2 sd^2))`` (Ingram 1971, The concept of accessibility)."""

    sd_min: float

    def __call__(self, minutes: F64, /) -> F64:
        """Weights, without unit."""
        return np.asarray(np.exp(-0.5 * np.square(minutes / self.sd_min)))


@dataclass(frozen=True)
class Linear(_Curve):
    """``1 - t / cutoff`` up to a cut-off, 0 beyond: a definition, like cumulative opportunities without the cliff."""

    cutoff_min: float

    def __call__(self, minutes: F64, /) -> F64:
        """Weights, without unit."""
        return np.maximum(1.0 - minutes / self.cutoff_min, 0.0)


@dataclass(frozen=True)
class Within(_Curve):
    """1 up to a cut-off, the cut-off included, 0 beyond: cumulative opportunities, and the catchment of 2SFCA."""

    cutoff_min: float

    def __call__(self, minutes: F64, /) -> F64:
        """Weights, without unit."""
        return (minutes <= self.cutoff_min).astype(np.float64)


@dataclass(frozen=True)
class Steps:
    """One weight up to each limit, the limit included, 0 beyond the last: the travel zones of E2SFCA.

    Luo and Qi 2009 take 10, 20 and 30 minutes with 1, 0.68, 0.22, or 1, 0.42, 0.09 for a sharper fall.
    """

    until_min: tuple[float, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        inputs = Inputs()
        inputs.quantities(self.weights, "weights", length=len(self.until_min))
        if not self.until_min or (np.diff((0.0, *self.until_min)) <= 0).any():
            inputs.add("until_min", f"is {self.until_min}", "limits above 0 that rise")
        inputs.raise_all()

    def __call__(self, minutes: F64, /) -> F64:
        """Weights, without unit."""
        zone = np.searchsorted(np.asarray(self.until_min), minutes, side="left")
        return np.append(np.asarray(self.weights, dtype=np.float64), 0.0)[zone]


def weights_of(impedance: Impedance, minutes: F64) -> F64:
    """Weights of a block of minutes, checked; what is unreachable weighs 0."""
    weights, inputs = np.asarray(impedance(minutes), dtype=np.float64), Inputs()
    reached = np.isfinite(minutes)
    if weights.shape != minutes.shape:
        expected = f"the shape of the minutes, {minutes.shape}"
        inputs.add("impedance", f"gives shape {weights.shape}", expected)
    elif (bad := reached & ~(np.isfinite(weights) & (weights >= 0))).any():
        what = f"gives {weights[bad][0]} at {minutes[bad][0]:g} min"
        inputs.add("impedance", what, "finite weights of 0 or more")
    inputs.raise_all()
    return weights if reached.all() else np.where(reached, weights, 0.0)


def weighted_blocks(matrix: TravelMatrix, impedance: Impedance) -> Iterator[tuple[slice, F64]]:
    """Rows of a matrix in blocks: (slice of origins, weights)."""
    for part, minutes in matrix.blocks():
        yield part, weights_of(impedance, minutes)
