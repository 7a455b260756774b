"""The cells of a table held against the declaration of its columns; every problem with its place and value."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from corridor.core.csv_tables import Where
from corridor.core.errors import (
    CrsError,
    DuplicateIdError,
    LayerError,
    Problem,
    Problems,
    UnknownName,
    nearest,
    unknown,
)
from corridor.core.typed_numbers import number_cure
from corridor.schema.line import MOST
from corridor.schema.region import Extent, Sides
from corridor.schema.tables import KINDS, Column, Table
from corridor.schema.yaml_source import NO_LETTER

if TYPE_CHECKING:
    import pandas as pd

Known = Callable[[str], frozenset[str] | None]
"""The ids of a role; None where that layer cannot be read."""
Told = tuple[str, str, str]
"""What is there, what was expected, and what to do."""
TOLD = 20  # of one fault in one column; the rest is counted
_PATTERN = {kind: re.compile(row["pattern"]) for kind, row in KINDS.items() if row["pattern"]}


def text_columns(table: Table) -> tuple[str, ...]:
    """The columns to read as text, so that 05 stays 05."""
    return tuple(c.name for c in table.columns if c.kind != "number")


def plain_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame whose cells are never a list or a mapping, as GeoJSON may hold them, but its text.

    Such a value must not reach code that computes with cells.

    Raises
    ------
    ValueError
        Where a column occurs twice.
    """
    if frame.columns.has_duplicates:
        raise ValueError("a column occurs twice")
    for name in frame.columns:
        if frame[name].dtype == object:
            odd = frame[name].map(lambda v: isinstance(v, list | dict | np.ndarray))
            if odd.any():
                cells = frame[name].map(lambda v: str(v.tolist()) if isinstance(v, np.ndarray) else v)
                frame = frame.assign(**{str(name): cells.where(~odd, cells.astype(str))})
    return frame


@dataclass
class RowChecks:
    """The rows of a table as they are checked: the place of each row, and the problems found so far.

    Each method notes what is wrong in :attr:`faults`; of one kind of fault the first twenty rows one by one, and how many
    more there are.

    Examples
    --------
    >>> frame = pd.DataFrame({"station_id": ["lo-wu", "lo-wu"]})
    >>> rows = RowChecks(frame, lambda row: f"stations.csv line {row + 2}")
    >>> rows.check_key(Table((), key=("station_id",)))
    >>> print(*rows.faults)
    stations.csv line 3: station_id 'lo-wu' occurs twice (first: stations.csv line 2); expected each station_id once; rename or remove one
    """

    frame: pd.DataFrame
    where: Where
    faults: Problems = field(default_factory=Problems)

    def note(
        self,
        wrong: Any,
        tell: Callable[[int], Told],
        kind: type[LayerError] = LayerError,
        form: type[Problem] = Problem,
    ) -> None:
        """Note the rows of a fault: one by one, and the number of those after the first twenty.

        Parameters
        ----------
        wrong
            (rows,) booleans: which rows have the fault.
        tell
            Says of a row (by position) what is there, what was expected and what to do.
        kind
            The class of error that the fault makes.
        form
            How it reads: :class:`~corridor.core.errors.UnknownName` for ids.
        """
        rows = np.flatnonzero(np.asarray(wrong, dtype=bool)).tolist()
        found = [form(self.where(row), *tell(row)) for row in rows[:TOLD]]
        if len(rows) > TOLD:
            what, expected, remedy = tell(rows[-1])
            what += f", and {len(rows) - TOLD - 1} other rows with such a fault"
            found.append(form(self.where(rows[-1]), what, expected, remedy))
        self.faults.found += [(kind, problem) for problem in found]

    def check_cells(self, table: Table) -> pd.DataFrame:
        """Hold every cell against its column; the frame, from here on, with its numbers as numbers.

        Cells of columns that are not declared are only searched for signs that no text holds.
        """
        import pandas as pd

        declared = {c.name: c for c in table.columns}
        numbers = dict[str, pd.Series]()
        for name in [c for c in declared if c in self.frame]:
            column, cells = declared[name], self.frame[name]
            if column.kind == "number":
                numbers[name] = _number_cells(cells)
            self._note_cells(column, cells, _wrong(column, cells, numbers.get(name)))
        for name, kind in self.frame.dtypes.items():
            may_hold_text = pd.api.types.is_object_dtype(kind) or pd.api.types.is_string_dtype(kind)
            if name not in declared and may_hold_text:
                cells = self.frame[name]
                signs = cells.map(lambda v: isinstance(v, str) and bool(NO_LETTER.search(v)))
                self._note_cells(Column(str(name), "text"), cells, signs.to_numpy(bool))
        written = {n: v for n, v in numbers.items() if not pd.api.types.is_numeric_dtype(self.frame[n])}
        self.frame = self.frame.assign(**written)
        for lon, lat in table.positions:
            self._check_position(lon, lat, table.extent_deg, numbers[lon], numbers[lat])
        for names in table.rising:
            self._check_rising(names)
        return self.frame

    def _note_cells(self, column: Column, cells: pd.Series, wrong: NDArray[np.bool_]) -> None:
        import pandas as pd

        def tell(row: int) -> Told:
            value = cells.iloc[row]
            if pd.isna(value):
                return f"{column.name} is empty", column.expected, "fill it"
            if isinstance(value, str) and (sign := NO_LETTER.search(value)):
                return f"{column.name} holds the sign {sign[0]!r}", "letters that can be printed", "remove it"
            remedy = KINDS.get(column.kind, {}).get("remedy") or number_cure(str(value)) or "correct it"
            if column.allowed:
                remedy = nearest(str(value), column.allowed, "take one of these")
            number = pd.to_numeric(value, errors="coerce") if column.kind == "number" else 0.0
            most = f", {MOST:,.0f} at most" if abs(number) > MOST else ""
            return f"{column.name} {value!s}", column.expected + most, remedy

        self.note(wrong, tell)

    def _check_position(self, lon: str, lat: str, extent: Extent, xs: pd.Series, ys: pd.Series) -> None:
        """Positions inside the region; cells that are empty or no number have been noted already."""
        x, y = (values.to_numpy(dtype=float, na_value=np.nan) for values in (xs, ys))
        west, south, east, north = extent
        with np.errstate(invalid="ignore"):
            inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
            swapped = (y >= west) & (y <= east) & (x >= south) & (x <= north)
            degrees = (np.abs(x) <= 180) & (np.abs(y) <= 180)

        def tell(row: int) -> Told:
            given = f"{lon} {x[row]:.10g}, {lat} {y[row]:.10g}"
            area = f"WGS84 degrees, {lon} {west:g} to {east:g}, {lat} {south:g} to {north:g}"
            if swapped[row]:
                return f"{given}: {lon} and {lat} look swapped", area, "swap them"
            if degrees[row]:
                return f"{given}: outside the region", area, "correct them"
            return f"{given}: coordinates are not degrees", area, "convert them"

        self.note(~inside & np.isfinite(x) & np.isfinite(y), tell, CrsError)

    def _check_rising(self, names: tuple[str, ...]) -> None:
        values = [_comparable(self.frame[n]) for n in names]
        with np.errstate(invalid="ignore"):
            falls = np.any([a > b for a, b in pairwise(values)], axis=0)

        def tell(row: int) -> Told:
            given = ", ".join(f"{n} {self.frame[n].iloc[row]}" for n in names)
            past = "; past midnight write 24:30, not 00:30" if ":" in given else ""
            return given, " <= ".join(names) + past, "correct them"

        self.note(falls, tell)

    def check_key(self, table: Table) -> None:
        """Note rows, over all files of a role, that repeat the key of an earlier row; rows with an empty key are passed over.

        Parameters
        ----------
        table
            Its :attr:`~corridor.schema.tables.Table.key`.
        """
        names = list(table.key)
        if not names:
            return
        repeated = self.frame.duplicated(names)
        again, first = repeated & self.frame[names].notna().all(axis=1), ~repeated

        def tell(row: int) -> Told:
            values = self.frame[names].iloc[row]
            same = first & (self.frame[names] == values).all(axis=1)
            key = ", ".join(f"{n} {str(v)!r}" for n, v in values.items())
            what = f"{key} occurs twice (first: {self.where(int(np.flatnonzero(same)[0]))})"
            return what, f"each {' and '.join(names)} once", "rename or remove one"

        self.note(again, tell, DuplicateIdError)

    def check_references(self, table: Table, known: Known) -> None:
        """Note ids that no layer holds.

        Parameters
        ----------
        table
            Its columns, with the roles that each refers to.
        known
            Gives the ids of a role; None where its layer cannot be read: columns that refer to it are then passed over, as
            every row would look wrong.
        """
        for column in table.columns:
            found = [known(role) for role in column.refers] if column.name in self.frame else []
            if found and not any(ids is None for ids in found):
                source = " or ".join(role.replace("_", " ") for role in column.refers)
                self._check_known(column.name, frozenset[str]().union(*(x for x in found if x)), source)

    def _check_known(self, name: str, ids: frozenset[str], source: str) -> None:
        cells = self.frame[name]

        def tell(row: int) -> Told:
            value = str(cells.iloc[row])
            return f"Unknown {name} {value!r}", f"an id of {source}", nearest(value, ids, "")

        self.note(cells.notna() & _not_among(cells, ids), tell, form=UnknownName)

    def check_in_all(self, table: Table, named: Callable[[str, str], frozenset[str] | None]) -> None:
        """Note ids that must occur in other layers and do not: a pattern without stops, headways or hours never runs.

        Parameters
        ----------
        table
            Its :attr:`~corridor.schema.tables.Table.in_all`, the roles in which each id must occur.
        named
            Gives the ids in a column of a role; None where its layer cannot be read.
        """
        for role in table.in_all:
            ids = named(role, table.id_column)
            if ids is not None:
                self._check_occurs(table.id_column, ids, role.replace("_", " "))

    def _check_occurs(self, name: str, ids: frozenset[str], source: str) -> None:
        cells = self.frame[name]

        def tell(row: int) -> Told:
            what = f"{name} {cells.iloc[row]!r} has no row in {source}"
            return what, "one at least", "add its rows there, or remove it here"

        self.note(_not_among(cells, ids), tell)

    def check_clearance(self, known: Known) -> None:
        """Patterns that clear at a stop or control point that no layer holds."""
        import pandas as pd

        sides = (("stop", known("stations")), ("control point", known("checkpoints")))
        cells = self.frame.get("clearance", pd.Series(dtype=object))
        for row in np.flatnonzero(cells.notna()).tolist():
            for pair in str(cells.iloc[row]).split():
                for (what, ids), value in zip(sides, pair.split(":"), strict=False):
                    if ids is not None and value not in ids:
                        wrong = unknown(self.where(row), what, value, f"an id of a {what}", ids)
                        self.faults.extend([wrong])

    def check_run_times(self) -> None:
        """Every stop but a pattern's last has a run time above 0; an empty one would be a journey of no time."""
        import pandas as pd

        runs = self.frame["run_s"]
        ordered = self.frame.assign(position=np.arange(len(runs))).sort_values(["pattern_id", "seq"])
        last = ordered.loc[ordered["pattern_id"] != ordered["pattern_id"].shift(-1), "position"]
        lacking = (runs.isna() | (runs == 0)).to_numpy(copy=True)
        lacking[last.to_numpy()] = False

        def tell(row: int) -> Told:
            value = "is empty" if pd.isna(runs.iloc[row]) else str(runs.iloc[row])
            expected = "seconds above 0 at every stop but a pattern's last"
            return f"run_s {value}", expected, "state the run time"

        self.note(lacking, tell)


def _number_cells(cells: pd.Series) -> pd.Series:
    import pandas as pd

    values = cells if pd.api.types.is_numeric_dtype(cells) else pd.to_numeric(cells, errors="coerce")
    return values.astype(float) if values.dtype == bool else values


def _wrong(column: Column, cells: pd.Series, values: pd.Series | None) -> NDArray[np.bool_]:
    """Which cells do not hold what the column declares."""
    import pandas as pd

    empty = cells.isna().to_numpy()
    if values is not None:
        number = values.to_numpy(dtype=float, na_value=np.nan)
        low = number > column.low if column.above else number >= column.low
        good = np.isfinite(number) & low & (number <= column.high) & (np.abs(number) <= MOST)
        if column.unit == "0 or 1":
            good &= np.isin(number, (0.0, 1.0))
    else:
        known = np.asarray(pd.unique(cells), dtype=object).tolist()
        right = [v for v in known if isinstance(v, str) and _fits(column, v)]
        good = np.ones(len(cells), dtype=bool) if len(right) == len(known) else cells.isin(right).to_numpy()
    return np.asarray(np.where(empty, not column.empty, ~good))


def _fits(column: Column, value: str) -> bool:
    if column.allowed:
        return value in column.allowed
    if NO_LETTER.search(value):
        return False
    pattern = _PATTERN.get(column.kind)
    return bool(pattern.fullmatch(value) if pattern else value.strip())


def _comparable(cells: pd.Series) -> NDArray[np.float64]:
    """Numbers as they are, clock times as minutes, anything else as missing."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(cells):
        return np.asarray(cells.to_numpy(dtype=float, na_value=np.nan))
    parts = cells.astype(str).str.extract(r"^(\d+):(\d+)$").astype(float)
    return np.asarray((60 * parts[0] + parts[1]).to_numpy())


def halls(checkpoint_ids: frozenset[str], sides: Sides) -> frozenset[str]:
    """Ids of the halls of control points, ``checkpoint@side``, on every side.

    A line may stop at a hall: other tables name it like a station (:data:`corridor.schema.tables.HALLS`).
    """
    return frozenset(f"{c}@{side}" for c in checkpoint_ids for side in sides)


def _not_among(cells: pd.Series, ids: frozenset[str]) -> pd.Series:
    """Whether each cell is none of some ids: looked up once for each value, as tables repeat them."""
    return cells.isin([value for value in cells.unique() if value not in ids])
