"""Numba, without settings that lie in the current folder.

Numba takes settings from a ``.numba_config.yaml`` of the current folder, among them the folder from which it loads what it
compiled before. A study that came from elsewhere must not have a say in that; variables of the environment still have.
"""

from __future__ import annotations

from numba import njit as njit
from numba import prange as prange
from numba.core import config

config._config_fname = ""
config.reload_config()  # type: ignore[no-untyped-call]
