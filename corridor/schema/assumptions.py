"""The table of assumptions: what of a study each may vary, how far, and with which others.

A value is drawn through its rank: a number from 0 to 1 that the distribution turns into a value. Ranks that go together
are those of a normal distribution with the stated correlations (a Gaussian copula), so each value keeps its own
distribution.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from corridor.core.errors import nearest
from corridor.schema.line import Regime
from corridor.schema.region import Sides
from corridor.schema.rows import row_name, rows_of, text_of
from corridor.schema.text import Text
from corridor.schema.varied import VARIED

if TYPE_CHECKING:
    import pandas as pd

    from corridor.schema.table_checks import RowChecks, Told

F64 = NDArray[np.float64]
Distribution = Literal["triangular", "uniform", "normal", "lognormal"]
Z95 = 1.6448536269514722
"""The 95th percentile of the standard normal distribution."""
SMALLEST_EIGENVALUE = 1e-9
RATIOS = ("clearance", "new_line_headway", "feeder_speed", "feeder_wait", "jobs_ratio")
"""A drawn value counts over its mode: figures that differ between control points or lines move in proportion."""
_TEXTS = ("assumption_id", "varies", "scope", "group", "distribution", "unit", "source", "confidence")
_NUMBERS = ("low", "mode", "high", "own_share")


@dataclass(frozen=True)
class Assumption:
    """One row of the table.

    Attributes
    ----------
    varies, scope
        What of the study it varies (:data:`VARIED`), and of which regime or side; empty for all.
    low, mode, high
        Ends and mode of a triangular, ends of a uniform distribution; 5th percentile, median and 95th percentile of a
        normal or lognormal one. In `unit`.
    own_share
        Share of the variance (of ranks) that each control point, line or item has of its own.
    held
        Why an ensemble of the study at hand does not vary it; empty where it may.
    """

    assumption_id: str
    varies: str
    scope: str
    group: str
    distribution: Distribution
    low: float
    mode: float
    high: float
    unit: str
    own_share: float
    title: Text
    source: str
    confidence: str
    reason: Text
    held: str = ""

    @property
    def not_yet(self) -> str:
        """Why an ensemble does not vary it; empty where it does."""
        return self.held or VARIED[self.varies].not_yet

    def at(self, rank: F64) -> F64:
        """Values at ranks from 0 to 1, the inverse of the cumulative distribution.

        Examples
        --------
        >>> row = Assumption("a", "fare", "", "g", "triangular", 0, 1, 2, "", 0, Text(en="a"), "", "M", Text(en=""))
        >>> row.at(np.array([0.0, 0.5, 1.0])).tolist()
        [0.0, 1.0, 2.0]
        """
        from scipy.special import ndtri

        low, mode, high = self.low, self.mode, self.high
        if self.distribution == "uniform" or low == high:
            return np.asarray(low + rank * (high - low))
        if self.distribution == "triangular":
            rising = low + np.sqrt(rank * (high - low) * (mode - low))
            falling = high - np.sqrt((1 - rank) * (high - low) * (high - mode))
            return np.where(rank < (mode - low) / (high - low), rising, falling)
        if self.distribution == "normal":
            return np.asarray(mode + ndtri(rank) * (high - low) / (2 * Z95))
        return np.asarray(mode * np.exp(ndtri(rank) * math.log(high / low) / (2 * Z95)))


def read_assumptions(frame: pd.DataFrame) -> tuple[Assumption, ...]:
    """Rows of a table of role ``assumptions``, as the catalogue has checked it."""
    found = []
    for row in rows_of(frame):
        cells: dict[str, Any] = {name: text_of(row[name]) for name in _TEXTS}
        cells |= {name: float(row[name]) for name in _NUMBERS}
        reason = row_name({**row, "reason_en": row["reason"]}, "reason")
        found.append(Assumption(**cells, title=row_name(row, "title"), reason=reason))
    return tuple(found)


def correlations(frame: pd.DataFrame) -> F64:
    """Correlations of the ranks of all rows, (row, row); those that the table does not state are 0.

    Pairs that cannot be read, or name no row, are left out: the checks note them.
    """
    ids = [str(i) for i in frame["assumption_id"]]
    matrix = np.eye(len(ids))
    for row, text in enumerate(_stated(frame)):
        for name, value in _pairs(text):
            if name in ids and math.isfinite(value):
                other = ids.index(name)
                if other != row:
                    matrix[row, other] = matrix[other, row] = value
    return matrix


def _stated(frame: pd.DataFrame) -> list[str]:
    if "correlated_with" not in frame:
        return [""] * len(frame)
    return [text_of(cell) for cell in frame["correlated_with"]]


def _pairs(text: str) -> Iterator[tuple[str, float]]:
    for pair in text.split():
        name, _, value = pair.rpartition(":")
        try:
            yield name, float(value)
        except ValueError:
            yield name or pair, math.nan


def check_assumptions(rows: RowChecks, sides: Sides) -> None:
    """Note distributions that make no sense, scopes and ids that nothing has, and groups that no draw can follow."""
    frame = rows.frame
    known = frame["varies"].isin(list(VARIED))
    _check_scopes(rows, sides, known)
    numbers = {c: frame[c].to_numpy(float, na_value=np.nan) for c in ("low", "mode", "high")}
    least = np.array([VARIED[v].least if v in VARIED else -math.inf for v in frame["varies"]])
    unbounded = (frame["distribution"] == "normal").to_numpy() & np.isfinite(least)
    bounded = ~frame["distribution"].isin(["normal", "lognormal"]).to_numpy()

    def below(row: int) -> Told:
        what = f"low {numbers['low'][row]:g}: {frame['varies'].iloc[row]} cannot be less than {least[row]:g}"
        return what, f"{least[row]:g} or more", "raise low"

    def endless(row: int) -> Told:
        what = f"a normal distribution of {frame['varies'].iloc[row]} goes below {least[row]:g}"
        return what, "a distribution with an end", "take triangular or lognormal"

    def flat(row: int) -> Told:
        what = f"lognormal with low {numbers['low'][row]:g}, mode {numbers['mode'][row]:g}"
        return what, "both above 0, and low below high", "correct them, or take triangular"

    rows.note(bounded & (numbers["low"] < least), below)
    rows.note(unbounded, endless)
    lognormal = (frame["distribution"] == "lognormal").to_numpy()
    rows.note(lognormal & ~((numbers["low"] > 0) & (numbers["high"] > numbers["low"])), flat)

    def unscaled(row: int) -> Told:
        what = f"mode {numbers['mode'][row]:g} of {frame['varies'].iloc[row]}"
        return what, "above 0: values count over it", "correct it"

    rows.note(frame["varies"].isin(RATIOS).to_numpy() & (numbers["mode"] <= 0), unscaled)
    _check_twice(rows)
    _check_correlations(rows)


def _check_scopes(rows: RowChecks, sides: Sides, known: pd.Series) -> None:
    frame = rows.frame
    scopes = [text_of(s) for s in frame["scope"]] if "scope" in frame else [""] * len(frame)
    allowed: Mapping[str, Sequence[str]] = {"": ("",), "regime": get_args(Regime), "side": tuple(sides)}
    expected = [allowed[VARIED[v].scope] if v in VARIED else () for v in frame["varies"]]

    def tell(row: int) -> Told:
        what, choices = f"scope {scopes[row]!r} of {frame['varies'].iloc[row]}", expected[row]
        words = "one of " + ", ".join(choices) if choices != ("",) else "an empty cell: it is about all"
        return what, words, nearest(scopes[row], choices, "correct it")

    wrong = [bool(k) and s not in e for k, s, e in zip(known, scopes, expected, strict=True)]
    rows.note(wrong, tell)


def _check_twice(rows: RowChecks) -> None:
    """Two rows that vary one thing would undo each other."""
    keys = rows.frame[["varies"]].assign(scope=[text_of(s) for s in rows.frame.get("scope", "")])

    def tell(row: int) -> Told:
        varies, scope = keys.iloc[row]
        return f"{varies} {scope}".rstrip() + " is varied by an earlier row", "one row", "remove one"

    rows.note(keys.duplicated(), tell)


def _check_correlations(rows: RowChecks) -> None:
    frame = rows.frame
    ids, groups = [str(i) for i in frame["assumption_id"]], [str(g) for g in frame["group"]]
    group_of = dict(zip(ids, groups, strict=True))
    for row, text in enumerate(_stated(frame)):
        for name, value in _pairs(text):
            at = rows.where(row)
            if name not in group_of or name == ids[row]:
                hint = nearest(name, [i for i in ids if i != ids[row]], "name another row of its group")
                rows.faults.add(at, f"correlated_with {name!r}", "the id of another assumption", hint)
            elif group_of[name] != groups[row]:
                what = f"correlated_with {name!r}, which is in the group {group_of[name]!r}"
                rows.faults.add(at, what, f"one of its own group {groups[row]!r}", "put both in one group")
            if not -1 <= value <= 1:
                what = f"correlated_with {name!r} has no correlation"
                rows.faults.add(at, what, "assumption_id:number from -1 to 1", "correct it")
    matrix = correlations(frame)
    for group in dict.fromkeys(groups):
        members = [i for i, g in enumerate(groups) if g == group]
        if np.linalg.eigvalsh(matrix[np.ix_(members, members)])[0] < SMALLEST_EIGENVALUE:
            what = f"correlated_with of the group {group!r}: no numbers can be correlated in this way (not positive definite)"
            expected = "correlations that agree with each other"
            rows.faults.add(rows.where(members[0]), what, expected, "lower the largest")
