"""The cells of a table held against the declaration of its columns; every problem with its place and value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.core.csv_tables import HEADER_BYTES as HEADER_BYTES
from corridor.core.csv_tables import Where as Where
from corridor.core.csv_tables import check_header as check_header
from corridor.core.errors import CrsError, DuplicateIdError, LayerError, Problems, nearest
from corridor.schema.line import MOST
from corridor.schema.region import Extent, Sides
from corridor.schema.tables import Column, Table
from corridor.schema.yaml_source import NO_LETTER

Known = Callable[[str], frozenset[str] | None]
"""The ids of a role; None where that layer cannot be read."""
TOLD = 20  # of one fault in one column; the rest is counted
_PATTERN = {
    "id": re.compile(r"[^\s,+]+"),
    "side": re.compile(r"[^\s,+]+"),
    "clock": re.compile(r"([012]?\d|30):[0-5]\d"),
    "date": re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"),
    "pairs": re.compile(r"[^\s:]+:[^\s:]+( [^\s:]+:[^\s:]+)*"),
    "colour": re.compile(r"#[0-9a-fA-F]{6}"),
}
_REMEDY = {
    "clock": "write e.g. 06:30",
    "date": "write e.g. 2028-06",
    "pairs": "write e.g. west-kowloon:west-kowloon",
    "colour": "write e.g. #1f6f5c",
    "text": "write a text",
}


def text_columns(table: Table) -> tuple[str, ...]:
    """The columns to read as text, so that 05 stays 05."""
    return tuple(c.name for c in table.columns if c.kind != "number")


def plain_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame in which a list or a mapping in a cell (GeoJSON may hold them) is its text: never a value to compute with."""
    if frame.columns.has_duplicates:
        raise ValueError("a column stands twice")
    for name in frame.columns:
        if frame[name].dtype == object:
            odd = frame[name].map(lambda v: isinstance(v, list | dict | np.ndarray))
            if odd.any():
                cells = frame[name].map(lambda v: str(v.tolist()) if isinstance(v, np.ndarray) else v)
                frame = frame.assign(**{str(name): cells.where(~odd, cells.astype(str))})
    return frame


def check_cells(table: Table, frame: pd.DataFrame, where: Where) -> tuple[pd.DataFrame, Problems]:
    """The table with its numbers as numbers, and what is wrong in its cells."""
    faults, numbers = Problems(), dict[str, pd.Series]()
    for column in table.columns:
        if column.name in frame:
            cells = frame[column.name]
            if column.kind == "number":
                numbers[column.name] = _number_cells(column, cells)
            _tell_cells(column, cells, _wrong(column, cells, numbers.get(column.name)), where, faults)
    _check_other_texts(table, frame, where, faults)
    frame = frame.assign(**{n: v for n, v in numbers.items() if not pd.api.types.is_numeric_dtype(frame[n])})
    for lon, lat in table.positions:
        _check_position(lon, lat, table.extent_deg, numbers, where, faults)
    for names in table.rising:
        _check_rising(names, frame, where, faults)
    return frame, faults


def _number_cells(column: Column, cells: pd.Series) -> pd.Series:
    values = cells if pd.api.types.is_numeric_dtype(cells) else pd.to_numeric(cells, errors="coerce")
    return values.astype(float) if values.dtype == bool else values


def _wrong(column: Column, cells: pd.Series, values: pd.Series | None) -> NDArray[np.bool_]:
    """Which cells do not hold what the column declares."""
    empty = cells.isna().to_numpy()
    if values is not None:
        number = values.to_numpy(dtype=float, na_value=np.nan)
        low = number > column.low if column.above else number >= column.low
        good = np.isfinite(number) & low & (number <= column.high) & (np.abs(number) <= MOST)
        if column.unit == "0 or 1":
            good &= np.isin(number, (0.0, 1.0))
    else:
        known = pd.unique(cells)
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


def _tell_cells(
    column: Column, cells: pd.Series, wrong: NDArray[np.bool_], where: Where, faults: Problems
) -> None:
    if not wrong.any():
        return

    def tell(row: int) -> tuple[str, str, str]:
        value = cells.iloc[row]
        if pd.isna(value):
            return f"{column.name} is empty", column.expected, "fill it"
        if isinstance(value, str) and (sign := NO_LETTER.search(value)):
            return f"{column.name} holds the sign {sign[0]!r}", "letters that can be printed", "remove it"
        remedy = _REMEDY.get(column.kind, "correct it")
        if column.allowed:
            remedy = nearest(str(value), column.allowed, "take one of these")
        number = pd.to_numeric(value, errors="coerce") if column.kind == "number" else 0.0
        most = f", {MOST:,.0f} at most" if abs(number) > MOST else ""
        return f"{column.name} {value!s}", column.expected + most, remedy

    _each(wrong, where, tell, faults)


def _check_other_texts(table: Table, frame: pd.DataFrame, where: Where, faults: Problems) -> None:
    """Signs that no text holds, in columns that are not declared: these are carried along to the output."""
    for name in frame.columns.difference([column.name for column in table.columns], sort=False):
        cells = frame[name]
        if pd.api.types.is_object_dtype(cells) or pd.api.types.is_string_dtype(cells):
            wrong = cells.map(lambda v: isinstance(v, str) and bool(NO_LETTER.search(v))).to_numpy(bool)
            if wrong.any():
                _tell_cells(Column(str(name), "text"), cells, wrong, where, faults)


def _each(
    wrong: NDArray[np.bool_],
    where: Where,
    tell: Callable[[int], tuple[str, str, str]],
    faults: Problems,
    kind: type[LayerError] = LayerError,
) -> None:
    """Note the first rows with a fault one by one, and count the others."""
    rows = np.flatnonzero(wrong).tolist()
    for row in rows[:TOLD]:
        faults.add(where(row), *tell(row), kind)
    if len(rows) > TOLD:
        what, expected, remedy = tell(rows[-1])
        what += f", and {len(rows) - TOLD - 1} other rows with such a fault"
        faults.add(where(rows[-1]), what, expected, remedy, kind)


def _check_position(
    lon: str, lat: str, extent: Extent, numbers: Mapping[str, pd.Series], where: Where, faults: Problems
) -> None:
    """Positions inside the part of the earth this is about; empty cells and those without a number are reported elsewhere."""
    x, y = (numbers[c].to_numpy(dtype=float, na_value=np.nan) for c in (lon, lat))
    west, south, east, north = extent
    with np.errstate(invalid="ignore"):
        inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
        swapped = (y >= west) & (y <= east) & (x >= south) & (x <= north)
        degrees = (np.abs(x) <= 180) & (np.abs(y) <= 180)

    def tell(row: int) -> tuple[str, str, str]:
        stands = f"{lon} {x[row]:.10g}, {lat} {y[row]:.10g}"
        area = f"WGS84 degrees, {lon} {west:g} to {east:g}, {lat} {south:g} to {north:g}"
        if swapped[row]:
            return f"{stands}: {lon} and {lat} look swapped", area, "swap them"
        if degrees[row]:
            return f"{stands}: lies elsewhere on earth", area, "correct them"
        return f"{stands}: coordinates are not degrees", area, "convert them"

    _each(~inside & np.isfinite(x) & np.isfinite(y), where, tell, faults, CrsError)


def _check_rising(names: tuple[str, ...], frame: pd.DataFrame, where: Where, faults: Problems) -> None:
    values = [_comparable(frame[n]) for n in names]
    with np.errstate(invalid="ignore"):
        falls = np.any([a > b for a, b in pairwise(values)], axis=0)

    def tell(row: int) -> tuple[str, str, str]:
        stands = ", ".join(f"{n} {frame[n].iloc[row]}" for n in names)
        past = "; past midnight write 24:30, not 00:30" if ":" in stands else ""
        return stands, " <= ".join(names) + past, "correct them"

    _each(falls, where, tell, faults)


def _comparable(cells: pd.Series) -> NDArray[np.float64]:
    """Numbers as they are, clock times as minutes, anything else as missing."""
    if pd.api.types.is_numeric_dtype(cells):
        return np.asarray(cells.to_numpy(dtype=float, na_value=np.nan))
    parts = cells.astype(str).str.extract(r"^(\d+):(\d+)$").astype(float)
    return np.asarray((60 * parts[0] + parts[1]).to_numpy())


def check_key(table: Table, frame: pd.DataFrame, where: Where) -> Problems:
    """Rows of all files of one role that have the same key."""
    faults = Problems()
    if not table.key:
        return faults
    names = list(table.key)
    again = frame.duplicated(names) & frame[names].notna().all(axis=1)
    if not again.any():
        return faults
    first = ~frame.duplicated(names)

    def tell(row: int) -> tuple[str, str, str]:
        values = frame[names].iloc[row]
        same = first & (frame[names] == values).all(axis=1)
        key = ", ".join(f"{n} {str(v)!r}" for n, v in values.items())
        return (
            f"{key} stands twice (first: {where(int(np.flatnonzero(same)[0]))})",
            f"each {' and '.join(names)} once",
            "rename or remove one",
        )

    _each(again.to_numpy(), where, tell, faults, DuplicateIdError)
    return faults


def check_references(table: Table, frame: pd.DataFrame, where: Where, known: Known) -> Problems:
    """Ids that no layer holds."""
    faults = Problems()
    for column in table.columns:
        found = [known(role) for role in column.refers] if column.name in frame else []
        if found and not any(ids is None for ids in found):
            source = " or ".join(role.replace("_", " ") for role in column.refers)
            ids = frozenset[str]().union(*(x for x in found if x))
            _check_known(frame[column.name], ids, source, where, faults)
    return faults


def _check_known(cells: pd.Series, ids: frozenset[str], source: str, where: Where, faults: Problems) -> None:
    def tell(row: int) -> tuple[str, str, str]:
        value = str(cells.iloc[row])
        return f"{cells.name} {value!r} is not known", f"an id of {source}", nearest(value, ids)

    _each((cells.notna() & ~cells.isin(ids)).to_numpy(), where, tell, faults)


def check_clearance(frame: pd.DataFrame, where: Where, known: Known) -> Problems:
    """Patterns that clear at a stop or control point that no layer holds."""
    faults = Problems()
    if "clearance" not in frame:
        return faults
    sides = (("stop", known("stations")), ("control point", known("checkpoints")))
    for row in np.flatnonzero(frame["clearance"].notna().to_numpy()).tolist():
        for pair in str(frame["clearance"].iloc[row]).split():
            for (what, ids), value in zip(sides, pair.split(":"), strict=False):
                if ids is not None and value not in ids:
                    said = f"clearance at {what} {value!r}, which is not known"
                    faults.add(where(row), said, f"an id of a {what}", nearest(value, ids))
    return faults


def check_run_times(frame: pd.DataFrame, where: Where) -> Problems:
    """Every stop but a pattern's last has a run time above 0; an empty one would be a journey of no time."""
    faults, runs = Problems(), frame["run_s"]
    ordered = frame.assign(position=np.arange(len(frame))).sort_values(["pattern_id", "seq"])
    last = ordered.loc[ordered["pattern_id"] != ordered["pattern_id"].shift(-1), "position"]
    lacking = (runs.isna() | (runs == 0)).to_numpy(copy=True)
    lacking[last.to_numpy()] = False

    def tell(row: int) -> tuple[str, str, str]:
        value = "is empty" if pd.isna(runs.iloc[row]) else str(runs.iloc[row])
        return f"run_s {value}", "seconds above 0 at every stop but a pattern's last", "state the run time"

    _each(lacking, where, tell, faults)
    return faults


def check_in_all(
    table: Table, frame: pd.DataFrame, where: Where, named: Callable[[str, str], frozenset[str] | None]
) -> Problems:
    """Ids that must occur in other layers and do not: a pattern without stops, headways or hours never runs."""
    faults = Problems()
    for role in table.in_all:
        ids = named(role, table.id_column)
        if ids is not None:
            _check_occurs(frame[table.id_column], ids, role.replace("_", " "), where, faults)
    return faults


def _check_occurs(cells: pd.Series, ids: frozenset[str], source: str, where: Where, faults: Problems) -> None:
    def tell(row: int) -> tuple[str, str, str]:
        what = f"{cells.name} {cells.iloc[row]!r} has no row in {source}"
        return what, "one at least", "add its rows there, or remove it here"

    _each(~cells.isin(ids).to_numpy(), where, tell, faults)


def halls(checkpoint_ids: frozenset[str], sides: Sides) -> frozenset[str]:
    """The halls of control points, as other tables name them (:data:`corridor.schema.tables.HALLS`)."""
    return frozenset(f"{c}@{side}" for c in checkpoint_ids for side in sides)
