"""CSV tables: those shipped with the importers, and small ones that a user gives."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from corridor.core import csv_tables
from corridor.core.errors import LayerError
from corridor.importers.entry.limits import check_file

SHIPPED = Path(__file__).resolve().parents[1] / "tables"


def shipped_rows(name: str) -> list[dict[str, str]]:
    """Rows of a shipped table, cells by column."""
    with (SHIPPED / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def read_table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """A user's table as texts without spaces around them, `columns` at least; its index is the line less 2.

    Raises :class:`LayerError` for what is no CSV, :class:`MissingColumnError` for columns that it lacks.
    """
    if path.suffix.lower() != ".csv":
        expected = f"a CSV file with columns {', '.join(columns)}"
        raise LayerError.at(path.name, "is not a CSV file", expected, "export it as CSV")
    check_file(path)
    table = csv_tables.read_table(path, columns).fillna("")
    return table.apply(lambda column: column.str.strip())
