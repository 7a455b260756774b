"""Supply that people share: floating catchments (2SFCA, E2SFCA, balanced) and spatial availability, on any matrix.

Origins are places of demand (people), destinations places of supply (beds, doctors, school places). Unlike counts of
opportunities, what one place reaches depends on how many others reach it too: better access for some can lower that of
others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from corridor.access.measures.impedance import Impedance, Within, weighted_blocks
from corridor.access.measures.matrix import Inputs, Times, TravelMatrix
from corridor.core.arrays import BOOL, F64


@dataclass(frozen=True, eq=False)
class Catchment:
    """What a floating catchment gives, and what it leaves out."""

    access: pd.Series
    """By origin: supply for each person, in units of supply a person; 0 where no supply is reached."""
    service_level: pd.Series
    """By destination: supply for each person of its catchment; NaN where nobody reaches it."""
    served_demand: pd.Series
    """By destination: the weighted people who share it."""
    demand_left_out: float
    """People at origins that reach no supply."""
    supply_left_out: float
    """Supply that nobody reaches."""


@dataclass(frozen=True, eq=False)
class Availability:
    """Opportunities divided among those who compete for them, and what that leaves out."""

    available: pd.Series
    """By origin: opportunities allocated to its people; they sum to the opportunities that somebody reaches."""
    per_person: pd.Series
    """By origin: the same per person; NaN where nobody lives."""
    demand_left_out: float
    """People at origins that reach no opportunity."""
    opportunities_left_out: float
    """Opportunities that nobody reaches."""


def two_step(times: Times, supply: ArrayLike, demand: ArrayLike, cutoff_min: float) -> Catchment:
    """Two-step floating catchment area (2SFCA): E2SFCA with a weight of 1 up to one cut-off and 0 beyond.

    Parameters
    ----------
    times : TravelMatrix, DataFrame or array_like
        Minutes, shape (origins, destinations).
    supply : array_like, shape (destinations,)
        Supply of each destination (doctors, say), finite and 0 or more.
    demand : array_like, shape (origins,)
        People of each origin.
    cutoff_min : float
        Size of the catchment in minutes; Luo and Wang take 30 by car.

    Returns
    -------
    Catchment

    Raises
    ------
    CorridorError
        With every problem found in the inputs.

    References
    ----------
    Luo and Wang 2003, Measures of spatial accessibility to health care in a GIS environment, Environment and Planning B 30(6).

    Examples
    --------
    >>> two_step([[10], [20]], supply=[4], demand=[100, 300], cutoff_min=30).access.tolist()
    [0.01, 0.01]
    """
    return enhanced_two_step(times, supply, demand, Within(cutoff_min))


def enhanced_two_step(times: Times, supply: ArrayLike, demand: ArrayLike, impedance: Impedance) -> Catchment:
    """Enhanced two-step floating catchment area (E2SFCA), with weights that fall with time.

    ``R_j = S_j / sum_k P_k f(t_kj)``, ``A_i = sum_j R_j f(t_ij)``. ``P_i A_i`` is what place i gets of the supply, so
    ``sum_i P_i A_i`` is the supply that somebody reaches.

    Parameters
    ----------
    times : TravelMatrix, DataFrame or array_like
        Minutes, shape (origins, destinations).
    supply : array_like, shape (destinations,)
        S, finite and 0 or more.
    demand : array_like, shape (origins,)
        P, people.
    impedance : Impedance
        f; the authors take :class:`corridor.access.measures.impedance.Steps`.

    Returns
    -------
    Catchment

    Raises
    ------
    CorridorError
        With every problem found in the inputs.

    References
    ----------
    Luo and Qi 2009, An enhanced two-step floating catchment area (E2SFCA) method for measuring spatial accessibility to primary
    care physicians, Health & Place 15(4).
    """
    matrix, held, people = _read(times, supply, demand)
    return _result(matrix, held, people, *_shared(matrix, held, people, impedance))


def balanced(times: Times, supply: ArrayLike, demand: ArrayLike, impedance: Impedance) -> Catchment:
    """Balanced floating catchment area: nobody is counted twice and no service is given twice.

    With ``f_ij = f(t_ij)``: people of i divide over supply as ``f_ij / sum_j f_ij``, so ``D_j = sum_i P_i f_ij / sum_j f_ij``
    and ``sum_j D_j`` is the demand that reaches supply; ``L_j = S_j / D_j``; the level of service divides over places as
    ``f_ij / sum_i f_ij``, so ``A_i = sum_j L_j f_ij / sum_i f_ij`` and ``sum_i A_i = sum_j L_j``. A is a share of service
    levels, not supply a head of i: ``sum_i P_i A_i`` is *not* the supply. Where that is wanted use :func:`enhanced_two_step`.

    Parameters
    ----------
    times : TravelMatrix, DataFrame or array_like
        Minutes, shape (origins, destinations).
    supply : array_like, shape (destinations,)
        S; a destination without supply takes no people, which the paper leaves open.
    demand : array_like, shape (origins,)
        P; an origin without people gets no service (its access is NaN), which the paper leaves open.
    impedance : Impedance
        f.

    Returns
    -------
    Catchment

    Raises
    ------
    CorridorError
        With every problem found in the inputs.

    References
    ----------
    Paez, Higgins and Vivona 2019, Demand and level of service inflation in Floating Catchment Area (FCA) methods, PLOS ONE
    14(6).
    """
    matrix, held, people = _read(times, supply, demand)
    offers, lives = held > 0, people > 0
    served, total = np.zeros(matrix.shape[1]), np.zeros(matrix.shape[1])
    reaches = np.empty(matrix.shape[0], dtype=bool)
    for part, weights in weighted_blocks(matrix, impedance):
        offered = weights * offers
        row = offered.sum(axis=1)
        reaches[part] = row > 0
        served += _ratio(people[part], row) @ offered
        total += lives[part] @ weights
    level = _ratio(held, served)
    share = _ratio(level, total)
    access = np.empty(matrix.shape[0])
    for part, weights in weighted_blocks(matrix, impedance):
        access[part] = np.where(lives[part], weights @ share, np.nan)
    return _result(matrix, held, people, access, level, served, reaches)


def spatial_availability(
    times: Times, opportunities: ArrayLike, demand: ArrayLike, impedance: Impedance, alpha: float = 1.0
) -> Availability:
    """Opportunities available to each place when people compete for them: every opportunity is allocated once.

    ``V_i = sum_j O_j P_i^a f_ij / sum_k P_k^a f_kj`` with ``f_ij = f(t_ij)``: each destination is divided in proportion to
    impedance and to the people of each origin, so ``sum_i V_i`` is the opportunities that somebody reaches. With ``a = 1`` it
    is P_i times the access of :func:`enhanced_two_step`.

    Parameters
    ----------
    times : TravelMatrix, DataFrame or array_like
        Minutes, shape (origins, destinations).
    opportunities : array_like, shape (destinations,)
        O, finite and 0 or more.
    demand : array_like, shape (origins,)
        P, people.
    impedance : Impedance
        f.
    alpha : float
        a, above 0; below 1 small places get more than their share, above 1 less.

    Returns
    -------
    Availability

    Raises
    ------
    CorridorError
        With every problem found in the inputs.

    References
    ----------
    Soukhov, Paez, Higgins and Mohamed 2023, Introducing spatial availability, a singly-constrained measure of competitive
    accessibility, PLOS ONE 18(1).
    """
    inputs = Inputs()
    inputs.positive(alpha=alpha)
    matrix, held, people = _read(times, opportunities, demand, "opportunities", inputs)
    competing = people**alpha
    access, _, served, reaches = _shared(matrix, held, competing, impedance)
    available = competing * access
    per_person = np.divide(available, people, out=np.full_like(available, np.nan), where=people > 0)
    return Availability(
        available=pd.Series(available, index=matrix.origins, name="available"),
        per_person=pd.Series(per_person, index=matrix.origins, name="per_person"),
        demand_left_out=float(people[~reaches].sum()),
        opportunities_left_out=float(held[served <= 0].sum()),
    )


def _read(
    times: Times, supply: ArrayLike, demand: ArrayLike, name: str = "supply", inputs: Inputs | None = None
) -> tuple[TravelMatrix, F64, F64]:
    inputs = Inputs() if inputs is None else inputs
    matrix = inputs.matrix(times)
    held = inputs.at_places(matrix, matrix.destinations, supply, name)
    people = inputs.at_places(matrix, matrix.origins, demand, "demand")
    inputs.raise_all()
    return matrix, held, people


def _shared(matrix: TravelMatrix, held: F64, people: F64, impedance: Impedance) -> tuple[F64, F64, F64, BOOL]:
    """Supply a person by origin and by destination, the weighted people of each destination, and who reaches supply."""
    served = np.zeros(matrix.shape[1])
    for part, weights in weighted_blocks(matrix, impedance):
        served += people[part] @ weights
    level = _ratio(held, served)
    access, reaches = np.empty(matrix.shape[0]), np.empty(matrix.shape[0], dtype=bool)
    for part, weights in weighted_blocks(matrix, impedance):
        access[part] = weights @ level
        reaches[part] = (weights[:, held > 0] > 0).any(axis=1)
    return access, level, served, reaches


def _ratio(a: F64, b: F64) -> F64:
    """a / b, 0 where b is 0."""
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0)


def _result(
    matrix: TravelMatrix, held: F64, people: F64, access: F64, level: F64, served: F64, reaches: BOOL
) -> Catchment:
    level = np.where(served > 0, level, np.nan)
    return Catchment(
        access=pd.Series(access, index=matrix.origins, name="access"),
        service_level=pd.Series(level, index=matrix.destinations, name="service_level"),
        served_demand=pd.Series(served, index=matrix.destinations, name="served_demand"),
        demand_left_out=float(people[~reaches].sum()),
        supply_left_out=float(held[served <= 0].sum()),
    )
