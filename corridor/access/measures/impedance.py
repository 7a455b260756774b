"""How much an opportunity counts by the minutes it takes: impedance functions, 1 at 0 minutes and falling.

Each is a small record that is called with minutes and returns weights without unit; an unreachable place (infinite
minutes) weighs 0. Any function of your own that takes an array and returns weights of 0 or more will do. None has a
default parameter: they are to be fitted or stated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import expit

from corridor.access.measures.matrix import Inputs, TravelMatrix
from corridor.core.arrays import F64


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
    """``exp(-rate * t)``.

    Parameters
    ----------
    rate_per_min : float
        Decay per minute, above 0.

    References
    ----------
    Wilson 1971, A family of spatial interaction models, and associated developments, Environment and Planning A 3(1).

    Examples
    --------
    >>> Exponential(0.1)(np.array([0.0, np.inf])).tolist()
    [1.0, 0.0]
    """

    rate_per_min: float

    def __call__(self, minutes: F64, /) -> F64:
        """Weights, without unit."""
        return np.asarray(np.exp(-self.rate_per_min * minutes))


@dataclass(frozen=True)
class Power(_Curve):
    """``(max(t, least) / least) ** -exponent``.

    A power is infinite at 0 minutes, so times below `least_min` count as `least_min`, where the weight is 1. With
    ``least_min=1`` this is Hansen's ``t ** -exponent`` from 1 minute on.

    Parameters
    ----------
    exponent : float
        Above 0.
    least_min : float
        Minutes below which nothing counts more, above 0.

    References
    ----------
    Hansen 1959, How accessibility shapes land use, Journal of the American Institute of Planners 25(2).
    """

    exponent: float
    least_min: float = 1.0

    def __call__(self, minutes: F64, /) -> F64:
        """Weights, without unit."""
        return np.asarray((np.maximum(minutes, self.least_min) / self.least_min) ** -self.exponent)


@dataclass(frozen=True)
class Logistic(_Curve):
    """``(1 + exp(-m k)) / (1 + exp((t - m) k))`` with ``k = pi / (sd sqrt 3)``: steepest at the median m.

    Parameters
    ----------
    median_min : float
        Minutes at which the curve falls most steeply, above 0.
    sd_min : float
        Standard deviation of the logistic curve in minutes, above 0.

    References
    ----------
    Bauer and Groneberg 2016, Measuring spatial accessibility of health care providers, PLOS ONE 11(7).
    """

    median_min: float
    sd_min: float

    def __call__(self, minutes: F64, /) -> F64:
        """Weights, without unit."""
        steepness = np.pi / (self.sd_min * np.sqrt(3))
        return np.asarray(expit((self.median_min - minutes) * steepness) / expit(self.median_min * steepness))


@dataclass(frozen=True)
class Gaussian(_Curve):
    """``exp(-t^2 / (2 sd^2))``.

    Parameters
    ----------
    sd_min : float
        Standard deviation in minutes, above 0.

    References
    ----------
    Ingram 1971, The concept of accessibility: a search for an operational form, Regional Studies 5(2).
    """

    sd_min: float

    def __call__(self, minutes: F64, /) -> F64:
        """Weights, without unit."""
        return np.asarray(np.exp(-0.5 * np.square(minutes / self.sd_min)))


@dataclass(frozen=True)
class Linear(_Curve):
    """``1 - t / cutoff`` up to a cut-off, 0 beyond: cumulative opportunities without the cliff.

    Parameters
    ----------
    cutoff_min : float
        Minutes from which nothing counts, above 0.
    """

    cutoff_min: float

    def __call__(self, minutes: F64, /) -> F64:
        """Weights, without unit."""
        return np.maximum(1.0 - minutes / self.cutoff_min, 0.0)


@dataclass(frozen=True)
class Within(_Curve):
    """1 up to a cut-off, the cut-off included, 0 beyond: cumulative opportunities, and the catchment of 2SFCA.

    Parameters
    ----------
    cutoff_min : float
        Minutes, above 0.
    """

    cutoff_min: float

    def __call__(self, minutes: F64, /) -> F64:
        """Weights, without unit."""
        return (minutes <= self.cutoff_min).astype(np.float64)


@dataclass(frozen=True)
class Steps:
    """One weight up to each limit, the limit included, 0 beyond the last: the travel zones of E2SFCA.

    Parameters
    ----------
    until_min : tuple of float
        Limits of the zones in minutes, rising, above 0.
    weights : tuple of float
        The weight of each zone, 0 or more.

    Raises
    ------
    CorridorError
        Where limits do not rise, or there is not one weight for each.

    References
    ----------
    Luo and Qi 2009, An enhanced two-step floating catchment area (E2SFCA) method for measuring spatial accessibility to primary
    care physicians, Health & Place 15(4), take 10, 20 and 30 minutes with 1, 0.68, 0.22, or 1, 0.42, 0.09 for a sharper fall.

    Examples
    --------
    >>> Steps((10, 20, 30), (1, 0.68, 0.22))(np.array([5.0, 10.0, 25.0, 31.0])).tolist()
    [1.0, 1.0, 0.22, 0.0]
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
    """Weights of a block of minutes, checked.

    Parameters
    ----------
    impedance
        One of this module, or a function of your own.
    minutes
        Of any shape, infinite where not reached.

    Returns
    -------
    ndarray of float
        In the shape of `minutes`, without unit; what is not reached weighs 0, whatever the function gives there.

    Raises
    ------
    CorridorError
        Where the function changes the shape, or gives a negative or infinite weight.
    """
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
    """Rows of a matrix as weights, in blocks of bounded size.

    Yields
    ------
    tuple
        The slice of origins, and their weights, shape (origins of the slice, destinations).
    """
    for part, minutes in matrix.blocks():
        yield part, weights_of(impedance, minutes)
