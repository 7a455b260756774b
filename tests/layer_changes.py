"""Changes to the bytes of a layer, and the text of the error that one gives."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
from rasterio.io import MemoryFile
from rasterio.transform import Affine

from corridor.core.errors import (
    CorridorError,
    UnknownName,
)

Change = Callable[[bytes], bytes]


def whole(error: CorridorError) -> str:
    """The text of an error of which every problem says where, what, what was expected and what to do."""
    assert error.problems
    for problem in error.problems:
        told = problem.remedy or isinstance(problem, UnknownName)  # which says what to use
        assert problem.where and problem.what and problem.expected and told, problem
    return str(error)


def table(how: Callable[[list[list[str]]], object]) -> Change:
    """Change the rows of a CSV; row 0 is the header."""

    def change(data: bytes) -> bytes:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
        how(rows)
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        return text.getvalue().encode()

    return change


def swapped(a: str, b: str) -> Change:
    def swap(rows: list[list[str]]) -> None:
        i, j = rows[0].index(a), rows[0].index(b)
        for row in rows[1:]:
            row[i], row[j] = row[j], row[i]

    return table(swap)


def cell(column: str, value: str, row: int = 1) -> Change:
    def put(rows: list[list[str]]) -> None:
        rows[row][rows[0].index(column)] = value

    return table(put)


def renamed(column: str) -> Change:
    def rename(rows: list[list[str]]) -> None:
        rows[0][rows[0].index(column)] = "other"

    return table(rename)


def geojson(how: Callable[[dict[str, Any]], object]) -> Change:
    def change(data: bytes) -> bytes:
        content = json.loads(data)
        how(content)
        return json.dumps(content).encode()

    return change


def moved(change: Callable[[float, float], list[float]]) -> Change:
    def walk(coordinates: list[Any]) -> list[Any]:
        if isinstance(coordinates[0], int | float):
            return change(*coordinates[:2])
        return [walk(part) for part in coordinates]

    def move(content: dict[str, Any]) -> None:
        for feature in content["features"]:
            feature["geometry"]["coordinates"] = walk(feature["geometry"]["coordinates"])

    return geojson(move)


def raster(**profile: object) -> Change:
    def change(_: bytes) -> bytes:
        given = {
            "driver": "GTiff", "width": 4, "height": 4, "count": 1, "dtype": "uint8", "crs": "EPSG:4326",
            "transform": Affine(0.1, 0, 113.8, 0, -0.1, 22.6), "nodata": 0,
        } | profile  # fmt: skip
        with MemoryFile() as memory:
            with memory.open(**given) as dataset:
                dataset.write(np.ones((1, 4, 4), dtype="uint8"))
            return bytes(memory.read())

    return change


def header(data: bytes) -> bytes:
    return data.splitlines(keepends=True)[0]
