"""How much memory a circuit takes, before it is solved, and how much there is."""

from __future__ import annotations

import math
import os
from pathlib import Path

from corridor.core.errors import ParameterError

ASSUMED_BYTES = 8e9
"""Where the system does not say how much memory is free."""
CELL_BYTES, RESISTOR_BYTES, FACTOR_BYTES, TERMINAL_BYTES, MAP_BYTES = 60.0, 14.0, 42.0, 17.0, 160.0
"""Measured on the study grid at 100 m and at 200 m (docs/circuits.md), rounded up."""
GENERAL_FACTOR_BYTES = 100.0
"""Of scipy's splu beside the raster and its resistors: 96 on 300 x 300 cells, 94 on 700 x 700, rounded up."""


def estimated_bytes(cells: int, nodes: int, neighbours: int, terminals: int, maps: bool) -> float:
    """Bytes at the peak of solving a circuit, by constants measured on the study grid.

    Parameters
    ----------
    cells, nodes
        Cells of the raster, and those with data.
    neighbours
        4 or 8: resistors at a node.
    terminals
        Focal regions.
    maps
        Whether voltages of all nodes are held for each terminal.

    Notes
    -----
    The factor of a raster in nested dissection has O(n log n) entries (George 1973).
    """
    factor = FACTOR_BYTES * nodes * math.log2(max(nodes, 2))
    voltages = nodes * (TERMINAL_BYTES * terminals + MAP_BYTES) if maps else 0.0
    return CELL_BYTES * cells + RESISTOR_BYTES * neighbours * nodes + factor + voltages


def available_bytes() -> float:
    """Bytes of memory that are free or can be freed at once; :data:`ASSUMED_BYTES` where the system does not say."""
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():
        for line in meminfo.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return float(line.split()[1]) * 1024
    try:
        # what is in use is not known here: half of all memory is the guess
        return 0.5 * os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return ASSUMED_BYTES


def refuse_too_large(cells: int, nodes: int, neighbours: int, terminals: int, maps: bool) -> None:
    """Refuse a circuit that would take more memory than there is, before anything is computed.

    Parameters
    ----------
    cells, nodes, neighbours, terminals, maps
        As in :func:`estimated_bytes`.

    Raises
    ------
    ParameterError
        With what it needs and what there is (GB), and how to make it smaller.
    """
    needed = estimated_bytes(cells, nodes, neighbours, terminals, maps)
    fewer = ", or fewer focal regions" if maps and nodes * TERMINAL_BYTES * terminals > needed / 2 else ""
    _refuse(f"{nodes:,} cells and {terminals} focal regions", needed, fewer)


def refuse_too_large_to_factorise(cells: int, nodes: int, neighbours: int) -> None:
    """Refuse a circuit whose general factorisation (advanced mode) would take more memory than there is: ParameterError."""
    extra = GENERAL_FACTOR_BYTES * nodes * math.log2(max(nodes, 2))
    needed = CELL_BYTES * cells + RESISTOR_BYTES * neighbours * nodes + extra
    _refuse(f"{nodes:,} cells with sources and grounds", needed)


def _refuse(what: str, needed: float, fewer: str = "") -> None:
    there = available_bytes()
    if needed > there:
        needs, most = (
            f"{what} take about {needed / 1e9:.1f} GB",
            f"up to the {there / 1e9:.1f} GB that are free",
        )
        remedy = f"use coarser cells (twice the side: about a quarter) or a smaller window{fewer}"
        raise ParameterError.at("circuit", needs, most, remedy)
