"""Tables as CSV: read with the line of every row; written for people, no text a formula, or for programs, as they are.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-`` or ``@`` for a formula, and a formula may start programs
or send the sheet elsewhere. Names come from files of many hands and may begin so. In tables for people such a text has an
apostrophe before it, as OWASP advises ("CSV Injection"); the spreadsheet shows both as text. Numbers are never touched,
nor are texts that are a plain number. :func:`as_read` takes the apostrophe off again.
"""

from __future__ import annotations

import csv
import json
import re
import warnings
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import IO, TYPE_CHECKING, Any

from corridor.core.errors import LayerError, MissingColumnError, Problem, first_line

if TYPE_CHECKING:
    import pandas as pd

MOST_COLUMNS = 1_000
HEADER_BYTES = 1_000_000
Where = Callable[[int], str]
"""Names the place of the row at a position: "file line 7", "file feature 3"."""

_FORMULA = re.compile(r"[\s\ufeff\u200b\u2060'\"‘’“”＇＂]*[=+\-@＝＋－＠\t\r\n]")
"""How a text begins that some spreadsheet takes for a formula: after blanks and quotes too, and in full-width signs."""
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def check_header(text: bytes) -> None:
    """Refuse a CSV whose first line is no header: a reader would take hours over so many columns.

    Parameters
    ----------
    text
        The file's bytes, or its first :data:`HEADER_BYTES`.

    Raises
    ------
    ValueError
        Where the first line has :data:`MOST_COLUMNS` commas or more, or does not end within :data:`HEADER_BYTES`.
    """
    line = re.split(rb"[\r\n]", text[:HEADER_BYTES], maxsplit=1)[0]
    if line.count(b",") >= MOST_COLUMNS or len(line) >= HEADER_BYTES:
        raise ValueError(f"more than {MOST_COLUMNS:,} columns")


def separator(text: bytes) -> str:
    """The delimiter of a CSV, by its first line: a semicolon or a tab only where there is no comma.

    Spreadsheets write semicolons where the comma is the decimal sign.

    Parameters
    ----------
    text
        The file's bytes, or its first line.

    Examples
    --------
    >>> separator(b"name;lon;lat"), separator(b"name,note;s")
    (';', ',')
    """
    line = re.split(rb"[\r\n]", text[:HEADER_BYTES], maxsplit=1)[0]
    counts = {sign: line.count(sign.encode()) for sign in ";\t"}
    most = max(counts, key=counts.__getitem__)
    return most if counts[most] and b"," not in line else ","


def read_csv(path: Path, text: Collection[str] | None = None) -> pd.DataFrame:
    """A CSV in UTF-8; empty cells are missing, empty lines left out.

    Parameters
    ----------
    path
        The file; what is packed is no CSV, whatever its name says.
    text
        Columns that stay text, so that 05 stays 05; every column where it is None.

    Returns
    -------
    pandas.DataFrame
        Its index is the line in the file less 2 (:func:`line_of`).

    Raises
    ------
    OSError, ValueError, Warning
        For what is no CSV; :func:`read_table` raises one error for all of them.
    """
    with path.open("rb") as stream:
        check_header(head := stream.read(HEADER_BYTES))
    if (sign := separator(head)) != ",":
        raise ValueError(
            f"its cells are separated by {'semicolons' if sign == ';' else 'tabs'}, not by commas; save it as 'CSV UTF-8 "
            "(comma delimited)', with decimal points"
        )
    # whatever its name says: what is packed is no CSV
    frame = parsed(path, text, compression=None, low_memory=False)
    # a row with a first cell is not empty: the other cells, of a matrix hundreds of columns, need no look
    return frame if frame.iloc[:, :1].notna().all(axis=None) else frame.dropna(how="all")


def parsed(
    source: Path | IO[str] | IO[bytes],
    text: Collection[str] | None = None,
    encoding: str = "utf-8-sig",
    **options: Any,
) -> pd.DataFrame:
    """What pandas reads as CSV where nothing is guessed: only an empty cell is missing, empty lines are rows.

    Rows longer than the header raise a warning of pandas, other faults a ValueError. `options` are those of
    :func:`pandas.read_csv`; the rest as in :func:`read_csv`.
    """
    import pandas as pd

    kinds: Any = str if text is None else dict.fromkeys(text, str)
    options |= {"keep_default_na": False, "na_values": [""], "skip_blank_lines": False, "index_col": False}
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(source, dtype=kinds, encoding=encoding, **options)


def read_table(
    path: Path,
    columns: Iterable[str] = (),
    text: Collection[str] | None = None,
    name: str = "",
) -> pd.DataFrame:
    """As :func:`read_csv`, for a file of a user.

    Parameters
    ----------
    path
        The file.
    columns
        Columns that must be there.
    text
        Columns that stay text; every column where it is None.
    name
        The file in messages, if not its own name.

    Raises
    ------
    LayerError
        For what is no CSV.
    MissingColumnError
        With every one of `columns` that is missing.
    """
    name, needed = name or path.name, tuple(columns)
    expected = f"columns {', '.join(needed)}" if needed else "UTF-8 CSV with a header"
    try:
        frame = read_csv(path, text)
    except (OSError, ValueError, Warning) as fault:
        raise LayerError.at(
            name, f"cannot be read as CSV ({first_line(fault)})", expected, "mend it"
        ) from None
    remedy = f"add it (there are: {', '.join(map(str, frame.columns[:12]))})"
    missing = [c for c in needed if c not in frame]
    if missing:
        raise MissingColumnError(
            Problem(f"{name}:1", f"column {c!r} is missing", expected, remedy) for c in missing
        )
    return frame


def table_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a table of the package, cells by column, every one as its text."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def line_of(name: str, frame: pd.DataFrame) -> Where:
    """Names the line of a row of what :func:`read_csv` read from a file of that name."""
    return lambda row: f"{name} line {frame.index[row] + 2}"


def as_text(value: str) -> str:
    """A text as a spreadsheet shows it and never works it out: with an apostrophe where it would begin a formula.

    Examples
    --------
    >>> as_text("=1+1"), as_text("-5"), as_text("Lo Wu")
    ("'=1+1", '-5', 'Lo Wu')
    """
    return f"'{value}" if _FORMULA.match(value) and not _NUMBER.fullmatch(value) else value


def as_read(value: str) -> str:
    """The text that :func:`as_text` was given; a text that begins with an apostrophe of its own keeps it."""
    return value[1:] if value.startswith("'") and as_text(value[1:]) == value else value


def harmless(table: pd.DataFrame) -> pd.DataFrame:
    """A table that no spreadsheet works out: :func:`as_text` over its texts and headings.

    Parameters
    ----------
    table
        Any columns; numbers and dates are left alone, so that -5 stays a number.

    Returns
    -------
    pandas.DataFrame
        A copy; headings become texts.
    """
    import pandas as pd

    columns = [
        c.map(lambda v: as_text(v) if isinstance(v, str) else v) if _may_hold_text(c) else c
        for _, c in table.items()
    ]
    shown = pd.concat(columns, axis=1) if columns else table.copy()
    shown.columns = pd.Index([as_text(str(name)) for name in table.columns], dtype=object)
    return shown


def _may_hold_text(column: pd.Series) -> bool:
    import pandas as pd

    types = pd.api.types
    return not (types.is_numeric_dtype(column) or types.is_datetime64_any_dtype(column))


def for_people(table: pd.DataFrame, float_format: str | None = None) -> str:
    r"""A table as CSV for a spreadsheet: UTF-8, comma, a heading, no text a formula.

    Parameters
    ----------
    table
        Any columns; the index is not written.
    float_format
        As pandas takes it, such as ``%.6g``.

    Examples
    --------
    >>> for_people(pd.DataFrame({"name": ["=cmd()"], "n": [-1]}))
    "name,n\n'=cmd(),-1\n"
    """
    return str(harmless(table).to_csv(index=False, float_format=float_format, lineterminator="\n"))


def for_programs(table: pd.DataFrame) -> str:
    """A table as CSV that a program reads back, as layers and feeds are: every text as it is.

    A spreadsheet may take such a text for a formula; what people open is written by :func:`for_people`.
    """
    return str(table.to_csv(index=False, lineterminator="\n"))


def wide_for_people(table: pd.DataFrame, mixed: int) -> str:
    """As :func:`for_people`, for a table whose columns after the first `mixed` hold whole numbers.

    Those are written in one go, which takes a tenth of the time.

    Parameters
    ----------
    table
        The first `mixed` columns of any kind, all others whole numbers.
    mixed
        How many columns may hold texts.

    Returns
    -------
    str
        CSV, as :func:`for_people` writes it.
    """
    rows: list[str] = []
    to_rows = csv.writer(SimpleNamespace(write=rows.append), lineterminator="\n")
    first = harmless(table.iloc[:, :mixed]).astype(object)
    to_rows.writerow([*first.columns, *(as_text(str(name)) for name in table.columns[mixed:])])
    to_rows.writerows(first.where(first.notna(), "").to_numpy().tolist())
    whole = table.iloc[:, mixed:].to_numpy()
    if not whole.shape[1]:
        return "".join(rows)
    numbers = json.dumps(whole.tolist(), separators=(",", ":"))[2:-2].split("],[")
    lines = (f"{row[:-1]},{line}\n" for row, line in zip(rows[1:], numbers, strict=True))
    return rows[0] + "".join(lines)
