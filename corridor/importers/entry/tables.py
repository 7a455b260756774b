"""CSV tables: those shipped with the importers, and small ones that a user gives."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from corridor.core.errors import LayerError, MissingColumnError, first_line
from corridor.importers.entry.limits import check_file
from corridor.schema.table_checks import check_header

SHIPPED = Path(__file__).resolve().parents[1] / "tables"


def shipped_rows(name: str) -> list[dict[str, str]]:
    """Rows of a shipped table, cells by column."""
    with (SHIPPED / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def read_table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """A user's table as texts without spaces around them, `columns` at least.

    Raises :class:`LayerError` for what is no CSV, :class:`MissingColumnError` for columns that it lacks.
    """
    needed = f"columns {', '.join(columns)}"
    if path.suffix.lower() != ".csv":
        raise LayerError.at(path.name, "is not a CSV file", f"a CSV file with {needed}", "export it as CSV")
    check_file(path)
    try:
        check_header(path.read_bytes())
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        what = f"cannot be read as CSV ({first_line(error)})"
        raise LayerError.at(path.name, what, needed, "correct the file") from None
    if missing := [c for c in columns if c not in table]:
        what = f"has no column {' and no '.join(missing)}"
        raise MissingColumnError.at(path.name, what, needed, "add it")
    return table.apply(lambda column: column.str.strip())
