"""Write circuitscape_cases.json from three cases of the Circuitscape.jl test suite (MIT).

    python tests/data/make_circuitscape_cases.py SUITE

SUITE holds pairwise_1, pairwise_2 and pairwise_4, each with cellmap.asc, points.asc, perhaps polygons.asc, the options
(sgVerify*.ini) and the expected output (sgVerify*_resistances.out and *map*.asc). Rasters become lists of
rows with null for no data; current and voltage maps are rounded to 7 digits, well inside the suite's tolerance.
"""

from __future__ import annotations

import configparser
import json
import re
import sys
from pathlib import Path

TARGET = Path(__file__).with_name("circuitscape_cases.json")
NOTICE = (
    "Inputs and expected results re-encoded from test/input/raster/pairwise and test/output_verify of Circuitscape.jl, "
    "https://github.com/Circuitscape/Circuitscape.jl, based on the original Circuitscape by Brad McRae, Viral B. Shah "
    "and Tanmay Mohapatra. The MIT License. Copyright (c) 2017-2018: Contributors. Permission is hereby granted, free of charge, to any "
    'person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the '
    "Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, "
    "distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is "
    "furnished to do so, subject to the following conditions: The above copyright notice and this permission notice "
    'shall be included in all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", '
    "WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF "
    "MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR "
    "COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR "
    "OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE."
)


def grid(path: Path, *, nodata: bool) -> list[list[float | None]]:
    """The rows of an ASCII grid below its six lines of header, shortest numbers; -9999 as null if it is no data."""
    rows = [[float(v) for v in line.split()] for line in path.read_text().splitlines()[6:] if line.strip()]
    return [[None if nodata and v == -9999 else short(v) for v in row] for row in rows]


def short(value: float) -> float:
    rounded = round(value, 7)
    return int(rounded) if rounded == int(rounded) else rounded


def case(folder: Path) -> dict[str, object]:
    (ini,) = folder.glob("*.ini")
    options = configparser.ConfigParser()
    options.read(ini)
    scheme = options["Connection scheme for raster habitat data"]
    polygons = options["Short circuit regions (aka polygons)"].getboolean("use_polygons")
    maps = {}
    for path in sorted(folder.glob("*map*.asc")):
        if match := re.search(r"_(cum_curmap|max_curmap|curmap_\d+_\d+|voltmap_\d+_\d+)\.asc$", path.name):
            maps[match[1]] = grid(path, nodata=False)
    (table,) = folder.glob("*_resistances.out")
    rows = [[float(v) for v in line.split()] for line in table.read_text().splitlines()]
    return {
        "neighbours": 4 if scheme.getboolean("connect_four_neighbors_only") else 8,
        "average": "resistance" if scheme.getboolean("connect_using_avg_resistances") else "conductance",
        "conductances": not options["Habitat raster or graph"].getboolean("habitat_map_is_resistances"),
        "cells": grid(folder / "cellmap.asc", nodata=True),
        "focal": grid(folder / "points.asc", nodata=True),
        "short_circuits": grid(folder / "polygons.asc", nodata=True) if polygons else None,
        "ids": [int(v) for v in rows[0][1:]],
        "resistances": [row[1:] for row in rows[1:]],
        "maps": maps,
    }


if __name__ == "__main__":
    suite = Path(sys.argv[1])
    cases = {name: case(suite / name) for name in ("pairwise_1", "pairwise_2", "pairwise_4")}
    text = json.dumps({"notice": NOTICE, "cases": cases}, separators=(",", ":"))
    TARGET.write_text(text + "\n", encoding="utf-8")
