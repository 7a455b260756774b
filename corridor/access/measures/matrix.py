"""A travel-time matrix of anyone's own, read and checked in one place, with every fault reported at once.

``TravelMatrix`` holds minutes from every origin to every destination. A pair that is not reached is infinite; NaN and
infinity in the input mean the same, and both are counted in ``notes``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from corridor.core.arrays import BOOL, F64
from corridor.core.errors import CorridorError, Problem, Problems

Missing = Literal["error", "unreachable"]
COLUMNS = ("from", "to", "minutes")
BLOCK = 2**22  # pairs worked on at a time: 32 MB of floats


@dataclass(frozen=True, eq=False)
class TravelMatrix:
    """Travel times from every origin (row) to every destination (column)."""

    minutes: NDArray[np.floating[Any]]
    origins: pd.Index
    """Names of the places, or their positions."""
    destinations: pd.Index
    named: bool
    """Whether places have names (the input was a table); then values of places are matched by name."""
    unreachable: int
    """Pairs that are not reached."""
    notes: tuple[Problem, ...] = ()
    """What was taken as not reached, with its count, and why."""

    @property
    def shape(self) -> tuple[int, int]:
        """Number of origins and of destinations."""
        return len(self.origins), len(self.destinations)

    def blocks(self) -> Iterator[tuple[slice, F64]]:
        """Rows in blocks of bounded size, so that a measure never holds a second matrix as large as this.

        Yields
        ------
        tuple
            The slice of origins, and their minutes in 64 bits.
        """
        rows = max(1, BLOCK // max(1, self.shape[1]))
        for first in range(0, self.shape[0], rows):
            part = slice(first, min(first + rows, self.shape[0]))
            yield part, np.asarray(self.minutes[part], dtype=np.float64)


Times: TypeAlias = TravelMatrix | pd.DataFrame | ArrayLike
"""A matrix that was read, a table with columns from, to, minutes, or an array (origin, destination) of minutes."""


def travel_matrix(times: Times, missing: Missing = "error") -> TravelMatrix:
    """Read and check travel times in minutes.

    Parameters
    ----------
    times : DataFrame or array_like
        An array (origin, destination) of minutes, or a table with columns from, to, minutes and one row for each pair; places
        keep the order in which they first appear. NaN and infinity both mean not reached.
    missing : {"error", "unreachable"}
        Whether a pair without a row is an error or not reached.

    Returns
    -------
    TravelMatrix

    Raises
    ------
    CorridorError
        With every problem found: no numbers, negative times, pairs that are missing or given twice.

    Examples
    --------
    >>> travel_matrix([[0, 30], [30, np.inf]]).unreachable
    1
    """
    inputs = Inputs()
    matrix = inputs.matrix(times, "times", missing)
    inputs.raise_all()
    return matrix


class Inputs(Problems):
    """Reads the inputs of one call and collects what is wrong with them, to be raised together."""

    def __init__(self) -> None:
        super().__init__(error=CorridorError)

    def matrix(self, times: Times, where: str = "times", missing: Missing = "error") -> TravelMatrix:
        """A travel matrix; one without places where the input cannot be read at all."""
        if isinstance(times, TravelMatrix):
            return times
        if isinstance(times, pd.DataFrame):
            return self._from_table(times, where, missing)
        minutes = self._numbers(times, where)
        if minutes is None:
            return _nothing()
        if minutes.ndim != 2 or 0 in minutes.shape:
            self.add(where, f"has shape {minutes.shape}", "(origins, destinations), neither of them none")
            return _nothing()
        self._not_negative(minutes, where)
        origins, destinations = (pd.RangeIndex(n) for n in minutes.shape)
        return _finished(minutes, origins, destinations, False, where)

    def _from_table(self, table: pd.DataFrame, where: str, missing: Missing) -> TravelMatrix:
        absent = [c for c in COLUMNS if c not in table.columns]
        if absent or table.empty:
            what = f"has no column {', '.join(absent)}" if absent else "has no rows"
            remedy = "give a wide table as an array: table.to_numpy()"
            self.add(where, what, "columns from, to, minutes", remedy)
            return _nothing()
        unnamed = int(table[["from", "to"]].isna().any(axis=1).sum())
        if unnamed:
            self.add(where, f"{unnamed} rows name no place in from or to", "a place in every row")
        minutes = self._numbers(table["minutes"], f"{where}, minutes")
        if minutes is None or unnamed:
            return _nothing()
        row, origins = pd.factorize(table["from"])
        column, destinations = pd.factorize(table["to"])
        self._not_negative(minutes, where, table)
        again = table.duplicated(["from", "to"]).to_numpy()
        if again.any():
            what = f"{int(again.sum())} rows repeat a pair, the first {_pair(table, int(again.argmax()))}"
            self.add(where, what, "one row for each pair")
        absent_pairs = len(origins) * len(destinations) - int((~again).sum())
        if absent_pairs and missing == "error":
            what = f"{absent_pairs} of {len(origins)} x {len(destinations)} pairs have no row"
            remedy = "travel_matrix(table, missing='unreachable') if they are out of reach"
            self.add(where, what, "one row for each pair", remedy)
            return _nothing()
        full = np.full((len(origins), len(destinations)), np.inf, dtype=minutes.dtype)
        full[row, column] = minutes
        note = Problem(where, f"{absent_pairs} pairs without a row are taken as unreachable")
        notes = (note,) if absent_pairs else ()
        return _finished(full, pd.Index(origins), pd.Index(destinations), True, where, notes)

    def _not_negative(
        self, minutes: NDArray[np.floating[Any]], where: str, table: pd.DataFrame | None = None
    ) -> None:
        negative = minutes < 0
        if not negative.any():
            return
        place = tuple(int(k) for k in np.unravel_index(int(negative.argmax()), minutes.shape))
        pair = f"[{', '.join(map(str, place))}]" if table is None else _pair(table, place[0])
        self.add(
            where,
            f"{int(negative.sum())} negative times, the first {minutes[place]:g} at {pair}",
            "minutes of 0 or more",
            "use NaN or infinity for unreachable, never a negative code",
        )

    def at_places(self, matrix: TravelMatrix, places: pd.Index, values: ArrayLike, where: str) -> F64:
        """What each origin or destination of a matrix has: finite and not negative, in its order.

        Where places have names, values must be a Series with these names, so that no order is guessed.
        """
        if not len(places):  # the matrix itself could not be read
            return np.zeros(0)
        if matrix.named and not isinstance(values, pd.Series):
            what, expected = (
                "is not matched to the names of the places",
                "a pandas Series with the names as index",
            )
            self.add(where, what, expected, "or give times as an array")
            return np.zeros(len(places))
        return self.quantities(values, where, places if matrix.named else None, len(places))

    def quantities(
        self,
        values: ArrayLike,
        where: str,
        index: pd.Index | None = None,
        length: int | None = None,
        needed: BOOL | None = None,
    ) -> F64:
        """Finite quantities of 0 or more, of one length; a Series is put in the order of `index` where one is given.

        What is not `needed` may be missing or anything else, and is 0.
        """
        ordered = self._ordered(values, index, where)
        if ordered is None:
            return np.zeros(len(index) if index is not None else 0)
        array = self._numbers(ordered, where)
        wanted = length if length is not None else (0 if array is None or array.ndim != 1 else array.size)
        if array is None:
            return np.zeros(wanted)
        if array.ndim != 1 or array.size != wanted or array.size == 0:
            expected = f"{wanted} values" if length else "one value for each place"
            self.add(where, f"has shape {array.shape}", expected)
            return np.zeros(wanted)
        return self._finite(array if needed is None else np.where(needed, array, 0), where)

    def _finite(self, array: NDArray[np.floating[Any]], where: str) -> F64:
        for bad, name in (
            (np.isnan(array), "missing"),
            (array < 0, "negative"),
            (np.isinf(array), "infinite"),
        ):
            if bad.any():
                what = f"{int(bad.sum())} {name} values, the first at position {int(bad.argmax())}"
                self.add(where, what, "finite values of 0 or more")
        return np.asarray(array, dtype=np.float64)

    def labels(
        self, values: ArrayLike, where: str, index: pd.Index | None, length: int
    ) -> NDArray[np.object_]:
        """The group of each place; a Series is put in the order of `index` where one is given."""
        ordered = self._ordered(values, index, where)
        if ordered is None:
            return np.zeros(length, dtype=object)
        array = np.asarray(ordered, dtype=object)
        if array.shape != (length,):
            self.add(where, f"has shape {array.shape}", f"{length} names")
        elif pd.isna(array).any():
            self.add(where, f"{int(pd.isna(array).sum())} places have no group", "a group for each place")
        return array

    def _ordered(self, values: ArrayLike, index: pd.Index | None, where: str) -> ArrayLike | None:
        """A Series in the order of an index, None where it has not one value for each name and no other."""
        if not isinstance(values, pd.Series) or index is None:
            return values
        before = len(self)
        if values.index.has_duplicates:
            twice = values.index[values.index.duplicated()]
            self.add(where, f"{len(twice)} names repeat, the first {twice[0]}", "one value for each place")
        for names, what in (
            (index.difference(values.index, sort=False), "places have no value"),
            (values.index.difference(index, sort=False), "values are of places the times do not have"),
        ):
            if len(names):
                remedy = "pick them with .loc, or give .to_numpy() to match by position"
                self.add(where, f"{len(names)} {what}, the first {names[0]}", "the same places", remedy)
        return values.reindex(index) if len(self) == before else None

    def trips(self, values: ArrayLike, shape: tuple[int, int]) -> F64:
        """Trips from every origin to every destination: finite and not negative."""
        array = self._numbers(values, "trips")
        if array is None or 0 in shape:
            return np.zeros(shape)
        if array.shape != shape:
            self.add("trips", f"has shape {array.shape}", f"(origins, destinations), {shape}")
            return np.zeros(shape)
        return self._finite(array, "trips")

    def coordinates(self, values: ArrayLike, where: str) -> F64:
        """Finite metres, one for each place."""
        array = self._numbers(values, where)
        if array is None or array.ndim != 1 or not array.size or not np.isfinite(array).all():
            self.add(where, "is empty, not one list of numbers, or not finite", "metres, one for each place")
            return np.zeros(0)
        return np.asarray(array, dtype=np.float64)

    def times(self, values: ArrayLike, where: str = "minutes") -> F64:
        """Minutes of each place, infinite where not reached (NaN or infinite in the input)."""
        array = self._numbers(values, where)
        if array is None or array.ndim != 1:
            self.add(where, "is not one list of numbers", "minutes, one for each place")
            return np.zeros(0)
        self._not_negative(array, where)
        return np.asarray(np.where(np.isnan(array), np.inf, array), dtype=np.float64)

    def positive(self, **values: float) -> None:
        """Finite numbers above 0, by name."""
        for where, value in values.items():
            if not (np.isfinite(value) and value > 0):
                self.add(where, f"is {value}", "a finite number above 0")

    def rising(self, values: Sequence[float], where: str) -> F64:
        """One or more finite numbers of 0 or more, each given once."""
        array = np.atleast_1d(np.asarray(values, dtype=np.float64))
        if array.size == 0 or not np.isfinite(array).all() or (array < 0).any():
            self.add(where, f"is {array.tolist()}", "one or more finite numbers of 0 or more")
        elif np.unique(array).size < array.size:
            self.add(where, f"repeats a value: {array.tolist()}", "each once")
        return array

    def _numbers(self, values: Any, where: str) -> NDArray[np.floating[Any]] | None:
        """Floats (32-bit kept), or None with a problem where they are no numbers."""
        try:
            array = np.asarray(values)
            if array.dtype.kind not in "fiub":
                array = pd.to_numeric(pd.Series(array.ravel())).to_numpy(float).reshape(array.shape)
        except (TypeError, ValueError):
            self.add(where, "holds what is no number, or rows of unequal length", "numbers")
            return None
        return np.asarray(array, dtype=array.dtype if array.dtype in (np.float32, np.float64) else np.float64)


def _pair(table: pd.DataFrame, row: int) -> str:
    return f"{table['from'].iloc[row]} to {table['to'].iloc[row]}"


def _finished(
    minutes: NDArray[np.floating[Any]],
    origins: pd.Index,
    destinations: pd.Index,
    named: bool,
    where: str,
    notes: tuple[Problem, ...] = (),
) -> TravelMatrix:
    """A matrix with NaN made infinite and what is not reached counted."""
    missing = np.isnan(minutes)
    nan = int(missing.sum())
    if nan:
        minutes = np.where(missing, np.asarray(np.inf, dtype=minutes.dtype), minutes)
    reached = np.isfinite(minutes)
    unreachable = int(minutes.size - reached.sum())
    cut_off = int((~reached.any(axis=1)).sum())
    if unreachable:
        as_nan = f" ({nan} of them given as NaN)" if nan else ""
        text = (
            f"{unreachable} of {minutes.size} pairs are unreachable{as_nan}; {cut_off} origins reach nothing"
        )
        notes = (*notes, Problem(where, text))
    return TravelMatrix(minutes, origins, destinations, named, unreachable, notes)


def _nothing() -> TravelMatrix:
    return TravelMatrix(np.zeros((0, 0)), pd.RangeIndex(0), pd.RangeIndex(0), False, 0)
