"""Requests to the advanced mode of circuits, written short."""

from __future__ import annotations

from typing import Any

import numpy as np

from corridor.ecology.circuits.flow import Flow, Grounds, Sources, solve_advanced

X = np.nan
ROW, THREE = np.ones((1, 5)), [[1, 0, 2, 0, 3]]


def flow(resistance: Any, amps: Any, ohm: Any, **options: Any) -> Flow:
    return solve_advanced(
        resistance, Sources(np.array(amps, float)), Grounds(np.array(ohm, float)), **options
    )
