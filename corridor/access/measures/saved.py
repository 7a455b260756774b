"""Person-minutes saved between two travel-time matrices; what is newly reached or lost is counted apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from corridor.access.measures.matrix import Inputs, Times, TravelMatrix
from corridor.core.arrays import F64


@dataclass(frozen=True, eq=False)
class Saved:
    """What a change of times saves. Trips are in the unit given (people a day, say), minutes are theirs together."""

    person_minutes: float
    """Saved on pairs reached both before and after, less what is lost there."""
    faster: float
    """Person-minutes saved where times fall."""
    slower: float
    """Person-minutes lost where times rise, 0 or more; ``person_minutes = faster - slower``."""
    by_origin: pd.Series
    """`person_minutes` of each origin."""
    trips_compared: float
    """Trips on pairs reached before and after."""
    trips_newly_reached: float
    """Trips on pairs reached only after: a gain that no number of minutes states."""
    trips_no_longer_reached: float
    """Trips on pairs reached only before."""
    trips_never_reached: float
    """Trips on pairs reached neither before nor after."""
    pairs_newly_reached: int
    """Pairs, as the trips on them above."""
    pairs_no_longer_reached: int
    pairs_never_reached: int

    @property
    def mean_minutes(self) -> float:
        """Minutes saved on a mean trip among those compared; NaN where there is none."""
        return self.person_minutes / self.trips_compared if self.trips_compared > 0 else float("nan")


def spread_trips(people: ArrayLike, opportunities: ArrayLike) -> F64:
    """Trips between all places in place of observed ones: ``w_ij = P_i O_j / sum_j O_j``.

    An assumption: everyone makes one trip, to any opportunity with the same chance, however far it is. For an assumption
    that falls with distance give your own trips.

    Parameters
    ----------
    people : array_like, shape (origins,)
        P, finite and 0 or more.
    opportunities : array_like, shape (destinations,)
        O, finite and 0 or more, not all 0.

    Returns
    -------
    ndarray, shape (origins, destinations)
        Trips, in the unit of `people`.

    Raises
    ------
    CorridorError
        With every problem found in the inputs.

    Examples
    --------
    >>> spread_trips([10, 20], [1, 3]).tolist()
    [[2.5, 7.5], [5.0, 15.0]]
    """
    inputs = Inputs()
    p, o = inputs.quantities(people, "people"), inputs.quantities(opportunities, "opportunities")
    if not inputs and o.sum() == 0:
        inputs.add("opportunities", "are 0 everywhere", "one at least")
    inputs.raise_all()
    return np.outer(p, o / o.sum())


def person_minutes_saved(before: Times, after: Times, trips: ArrayLike) -> Saved:
    """Person-minutes saved: ``sum_ij w_ij (t_before_ij - t_after_ij)`` over pairs reached before and after.

    A pair that is newly or no longer reached has no difference in minutes: it is counted in pairs and trips, never as 0
    minutes. Induced trips are not counted.

    Parameters
    ----------
    before, after : TravelMatrix, DataFrame or array_like
        Minutes, shape (origins, destinations). Two tables are matched by the names of their places.
    trips : array_like, shape (origins, destinations)
        w, in the order of `before`: observed trips or :func:`spread_trips`.

    Returns
    -------
    Saved

    Raises
    ------
    CorridorError
        With every problem found: places in only one of the two, trips of another shape, negative or missing values.

    References
    ----------
    Williams 1977, On the formation of travel demand models and economic evaluation measures of user benefit, Environment and
    Planning A 9(3): the user benefit in minutes with fixed trips.

    Examples
    --------
    >>> person_minutes_saved([[30.0]], [[20.0]], [[100.0]]).person_minutes
    1000.0
    """
    inputs = Inputs()
    old, new = inputs.matrix(before, "before"), inputs.matrix(after, "after")
    weights = inputs.trips(trips, old.shape)
    new = _matched(inputs, old, new)
    inputs.raise_all()
    count, pairs = [0.0] * 4, [0] * 4
    faster = slower = 0.0
    by_origin = np.empty(old.shape[0])
    for part, t0 in old.blocks():
        t1, w = np.asarray(new.minutes[part], dtype=np.float64), weights[part]
        was, now = np.isfinite(t0), np.isfinite(t1)
        both = was & now
        saved = np.where(both, w * (np.where(both, t0, 0.0) - np.where(both, t1, 0.0)), 0.0)
        by_origin[part] = saved.sum(axis=1)
        faster += float(saved[saved > 0].sum())
        slower -= float(saved[saved < 0].sum())
        kinds = (both, now & ~was, was & ~now, ~was & ~now)
        count = [n + float(w[k].sum()) for n, k in zip(count, kinds, strict=True)]
        pairs = [n + int(k.sum()) for n, k in zip(pairs, kinds, strict=True)]
    saved_at = pd.Series(by_origin, index=old.origins, name="person_minutes")
    compared, newly, no_longer, never = count
    return Saved(faster - slower, faster, slower, saved_at, compared, newly, no_longer, never, *pairs[1:])


def _matched(inputs: Inputs, old: TravelMatrix, new: TravelMatrix) -> TravelMatrix:
    """The second matrix with the places of the first, in their order."""
    if inputs:
        return new
    if old.named != new.named:
        what = "one of the two has names of places, the other has not"
        inputs.add("after", what, "two tables or two arrays")
    elif not old.named and old.shape != new.shape:
        inputs.add("after", f"has shape {new.shape}", f"the shape of before, {old.shape}")
    if inputs or not old.named:
        return new
    sides = (("origins", old.origins, new.origins), ("destinations", old.destinations, new.destinations))
    for side, wanted, found in sides:
        if len(odd := wanted.symmetric_difference(found, sort=False)):
            what = f"{len(odd)} {side} are in only one of the two, the first {odd[0]}"
            inputs.add("after", what, "the same places")
    if inputs:
        return new
    rows, columns = (found.get_indexer(wanted) for _, wanted, found in sides)
    minutes = new.minutes[np.ix_(rows, columns)]
    return TravelMatrix(minutes, old.origins, old.destinations, True, new.unreachable, new.notes)
