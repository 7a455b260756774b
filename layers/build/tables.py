"""Tables in and out: the one CSV reader and the one CSV writer of the builders.

What a builder knows that no source file holds (names, opening dates, published times, places drawn by hand) is a record:
a row of ``records/NAME.csv`` with its source and a confidence (A official, B published, C derived, M assumed or from
memory, S scientific). Builders read records here and hold none themselves.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import shapely

LAYERS = Path(__file__).resolve().parents[1]
NETWORK = LAYERS / "network"
RECORDS = Path(__file__).resolve().parent / "records"

Row = dict[str, Any]


def sources_argument(description: str) -> Path:
    """The folder given with --sources; `description` is the docstring of the script."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--sources", type=Path, required=True, help="folder of the reference data")
    folder: Path = parser.parse_args().sources
    if not folder.is_dir():
        raise SystemExit(f"--sources: {folder} is not a folder")
    return folder


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file as text; rows without any text are left out."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [row for row in csv.DictReader(stream) if any(row.values())]


def record_rows(name: str) -> list[Row]:
    """The rows of ``records/NAME.csv`` in order; empty cells are None, numbers are numbers."""
    return [{key: _cell(text) for key, text in row.items()} for row in read(RECORDS / f"{name}.csv")]


def records(name: str) -> dict[str, Row]:
    """The rows of ``records/NAME.csv`` by their first column."""
    return {next(iter(row.values())): row for row in record_rows(name)}


def _cell(text: str) -> Any:
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text or None


@cache
def assumptions(system: str) -> dict[str, Row]:
    """The assumptions about service of a system (hk, sz, road, ferry) by id, as written by hand in layers/network."""
    rows = read(NETWORK / f"service_assumptions_{system}.csv")
    return {row["assumption_id"]: {key: _cell(text) for key, text in row.items()} for row in rows}


def outline(name: str) -> list[tuple[float, float]]:
    """Longitude and latitude of the vertices of a shape drawn by hand (``records/outlines.csv``)."""
    return [(p[0], p[1]) for p in shapely.get_coordinates(shapely.from_wkt(records("outlines")[name]["wkt"]))]


def names(row: Mapping[str, Any]) -> tuple[str, str, str]:
    """Name in English, Traditional and Simplified Chinese of a record."""
    return row["name_en"], row["name_zh_hant"], row["name_zh_hans"]


def write(
    path: Path, columns: str | Sequence[str], rows: Iterable[Mapping[str, Any] | Sequence[Any]]
) -> None:
    """A CSV file of rows given as mappings by column or as sequences in the order of the columns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fields = columns.split(",") if isinstance(columns, str) else list(columns)
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(fields)
        for row in rows:
            out.writerow([row[f] for f in fields] if isinstance(row, Mapping) else row)


def kebab(name: str) -> str:
    """An id from an English name: "LOHAS Park" gives "lohas-park", "Bao'an" gives "baoan"."""
    plain = name.lower().replace("&", "and").replace("'", "").replace("’", "")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


@cache
def _characters(use: str) -> list[tuple[str, str]]:
    rows = records("characters").values()
    return [(r["traditional"], r["simplified"]) for r in rows if r["use"] in {"both", use}]


def to_simplified(text: str) -> str:
    """A name in Simplified Chinese from Traditional, character by character."""
    return text.translate({ord(hant): hans for hant, hans in _characters("simplify")})


def to_traditional(text: str) -> str:
    """A name in Traditional Chinese from Simplified, character by character."""
    return text.translate({ord(hans): hant for hant, hans in _characters("traditionalise")})
