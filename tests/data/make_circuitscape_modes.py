"""Write circuitscape_modes.json: more cases of the Circuitscape test suite, in all of its raster modes.

    python tests/data/make_circuitscape_modes.py VERIFY

VERIFY is the suite in the layout of Circuitscape 4: ``config_files``, folders of inputs, ``baseline_results``. Circuitscape.jl
keeps the same inputs and expected results in test/input/raster and test/output_verify under the MIT License, whose
notice the result carries. Rasters become lists of rows with null for no data; a mask is applied; maps are rounded to
6 digits, as Circuitscape 4 writes them. Two results are those of Circuitscape.jl alone, where version 4 joined a focal cell
to a short-circuit region that happened to have its number: one-to-all 12, and of all-to-one 12 the map of focal id 1. In
the latter Circuitscape lets the ids that the included pairs leave out put in 1 A each; the case gives them that strength.
"""

from __future__ import annotations

import configparser
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from make_circuitscape_cases import NOTICE

TARGET = Path(__file__).with_name("circuitscape_modes.json")
PAIRWISE = (5, 7, 9, 10, 11, 12, 13, 14)
ONE_TO_ALL = (1, 3, 5, 7, 9, 10, 11, 12)
ALL_TO_ONE = (1, 3, 5, 7, 9, 10, 11, 12)
ADVANCED = (1, 2, 3, 4, 5)
ONE_TO_ALL_12 = "1 3.583900546 2 6.361043527 5 0.6924462069 6 -1 8 4.112637751 9 0.8490090586"
ALL_TO_ONE_12_STRENGTHS = {2: 0.2, 3: 0.0, 4: 1.0, 5: 0.5, 6: 0.6, 8: 0.8, 9: 1.0, 11: 0.0, 51: 0.0}
ALL_TO_ONE_12 = """\
3.500000004 1.55918186 1.356788656 0.7250922909 0.7250922909 0.7250922909 0 0 0.09311562421 0.1999999955
2.143211348 0 0 0.9843597942 1.471319575 1.214655112 1.266445893 1.248747406 0.9033376533 0.4105189325
0.9683328172 1.564738429 1.169826077 1.09502887 0 1.092530975 1.51344286 1.556170764 1.180015487 1.764714646
0.2226628615 0.8075600218 1.007475204 0.9665753801 1.657211331 0.6190683606 0 0 0.9739661873 1.764714646
0 0 0 0 0 0.8000000134 0 0 0.9999999571 1.764714646
0 0 0 0 0 0.8000000134 0 0 0 1.764714646
0 0 0 0 1.521435304e-08 0 0 0 0 0
0 0 0 0 0 0 0 0 0 0
0 0 0 0 0 0 0 0 0 0
0 0 0 0 0 0 0 0 0 0
"""
Rows = list[list[float | None]]


class Case:
    """One configuration of the suite and its files."""

    def __init__(self, suite: Path, name: str):
        self.suite, self.name = suite, name
        config = configparser.ConfigParser(interpolation=None)
        config.read(suite / "config_files" / f"{name}.ini")
        self.options = {k: v for section in config.sections() for k, v in config[section].items()}

    def says(self, option: str) -> bool:
        return self.options.get(option, "False").strip() == "True"

    def path(self, option: str) -> Path:
        return self.suite / self.options[option].replace("circuitscape/verify/", "")

    def raster(self) -> dict[str, Any]:
        """What every mode needs: the cells, how they are joined, short-circuit regions."""
        cells = read(self.path("habitat_file"))
        if self.says("use_mask"):
            cells = np.where(read(self.path("mask_file")) > 0, cells, np.nan)
        regions = self.says("use_polygons") or "use_polygons" not in self.options
        return {
            "cells": rows(cells),
            "neighbours": 4 if self.says("connect_four_neighbors_only") else 8,
            "average": "resistance" if self.says("connect_using_avg_resistances") else "conductance",
            "conductances": not self.says("habitat_map_is_resistances"),
            "short_circuits": rows(read(self.path("polygon_file"))) if regions else None,
        }

    def focal(self) -> np.ndarray:
        path = self.path("point_file")
        if path.suffix == ".asc":
            return read(path)
        cells, head = read(self.path("habitat_file")), header(self.path("habitat_file"))
        out = np.full(cells.shape, np.nan)
        for label, x, y in np.loadtxt(path):
            row = cells.shape[0] - 1 - int((y - head["yllcorner"]) // head["cellsize"])
            out[row, int((x - head["xllcorner"]) // head["cellsize"])] = label
        return out

    def expected(self, what: str) -> Rows:
        return rows(read(self.suite / "baseline_results" / f"{self.name}_{what}.asc", nodata=None))

    def resistances(self) -> list[list[float]]:
        table = np.loadtxt(self.suite / "baseline_results" / f"{self.name}_resistances.txt")
        return [[number(v) for v in row] for row in table.tolist()]

    def include(self) -> list[list[int]] | None:
        """The pairs of focal ids to solve, from a list of pairs or a matrix with the least and the largest value."""
        if not self.says("use_included_pairs"):
            return None
        lines = [
            line.split() for line in self.path("included_pairs_file").read_text().splitlines() if line.strip()
        ]
        if lines[0][0] == "mode":
            pairs = [[int(a), int(b)] for a, b in lines[1:]]
        else:
            least, most, ids = float(lines[0][1]), float(lines[1][1]), [int(v) for v in lines[2][1:]]
            pairs = [
                [int(r[0]), b]
                for r in lines[3:]
                for b, v in zip(ids, r[1:], strict=True)
                if least <= float(v) <= most
            ]
        known = set(self.focal()[self.focal() > 0].astype(int).tolist())
        return sorted([a, b] for a, b in pairs if a < b and {a, b} <= known)

    def strengths(self) -> dict[int, float] | None:
        if not self.says("use_variable_source_strengths"):
            return None
        known = set(self.focal()[self.focal() > 0].astype(int).tolist())
        return {int(k): float(v) for k, v in np.loadtxt(self.path("variable_source_file")) if int(k) in known}


def header(path: Path) -> dict[str, float]:
    lines = [line.split() for line in path.read_text().splitlines()[:6] if line[0].isalpha()]
    return {line[0].lower(): float(line[1]) for line in lines}


def read(path: Path, nodata: float | None = -9999) -> np.ndarray:
    text = [line for line in path.read_text().splitlines() if line.strip() and not line[0].isalpha()]
    cells = np.array([[float(v) for v in line.split()] for line in text])
    if nodata is not None:
        cells[cells == header(path).get("nodata_value", nodata)] = np.nan
    return cells


def number(value: float) -> float:
    short = round(value, 10)
    return int(short) if short == int(short) else short


def rows(cells: np.ndarray) -> Rows:
    return [[None if np.isnan(v) else number(v) for v in row] for row in cells.tolist()]


def pairwise(case: Case) -> dict[str, Any]:
    maps = {} if case.name in ("sgVerify12", "sgVerify14") else {"cum": case.expected("cum_curmap")}
    table = case.resistances()
    return {
        **case.raster(),
        "focal": rows(case.focal()),
        "include": case.include(),
        "ids": [int(v) for v in table[0][1:]],
        "resistances": [row[1:] for row in table[1:]],
        "maps": maps,
    }


def focal_mode(case: Case) -> dict[str, Any]:
    given = {"include": case.include(), "strength_a": case.strengths()}
    raster = {**case.raster(), "focal": rows(case.focal()), **given}
    if case.name == "oneToAllVerify12":
        table = np.array(ONE_TO_ALL_12.split(), dtype=float).reshape(-1, 2)
        return {**raster, "resistances": [[number(v) for v in row] for row in table.tolist()], "maps": {}}
    if case.name == "allToOneVerify12":
        cells = np.array([line.split() for line in ALL_TO_ONE_12.splitlines()], dtype=float)
        raster |= {"include": None, "strength_a": ALL_TO_ONE_12_STRENGTHS}
        return {**raster, "resistances": None, "maps": {"curmap_1": rows(cells)}}
    maps = {
        "cum": case.expected("cum_curmap"),
        "curmap_1": case.expected("curmap_1"),
        "voltmap_1": case.expected("voltmap_1"),
    }
    table = case.resistances() if case.name.startswith("oneToAll") else None
    return {**raster, "resistances": table, "maps": maps}


def advanced(case: Case) -> dict[str, Any]:
    return {
        **case.raster(),
        "sources": rows(read(case.path("source_file"))),
        "grounds": rows(read(case.path("ground_file"))),
        "ground_resistances": case.says("ground_file_is_resistances"),
        "maps": {"curmap": case.expected("curmap"), "voltmap": case.expected("voltmap")},
    }


if __name__ == "__main__":
    suite = Path(sys.argv[1])
    found = {
        "notice": NOTICE.replace("test/input/raster/pairwise", "test/input/raster"),
        "pairwise": {f"pairwise_{i}": pairwise(Case(suite, f"sgVerify{i}")) for i in PAIRWISE},
        "one_to_all": {str(i): focal_mode(Case(suite, f"oneToAllVerify{i}")) for i in ONE_TO_ALL},
        "all_to_one": {str(i): focal_mode(Case(suite, f"allToOneVerify{i}")) for i in ALL_TO_ONE},
        "advanced": {str(i): advanced(Case(suite, f"mgVerify{i}")) for i in ADVANCED},
    }
    TARGET.write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")
