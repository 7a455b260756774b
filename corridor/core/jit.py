"""Numba, without settings that lie in the current folder, and with what it compiles in the cache folder of the user.

Numba takes settings from a ``.numba_config.yaml`` of the current folder, among them the folder from which it loads what it
compiled before. A study that came from elsewhere must not have a say in that; variables of the environment still have.

Compiled code is kept beside results (:func:`corridor.core.cache.cache_folder`), so that an installation that cannot be written
starts as quickly as any other; ``NUMBA_CACHE_DIR`` names another folder. With ``CORRIDOR_CACHE=off``, and where that folder cannot
be written, it is where Numba puts it: beside the source, else in a folder of its own.
"""

from __future__ import annotations

from numba import njit as njit
from numba import prange as prange
from numba.core import config

from corridor.core.cache import Kept, cache_folder

config._config_fname = ""
config.reload_config()  # type: ignore[no-untyped-call]
if Kept.of_user().folder and not config.CACHE_DIR:  # type: ignore[attr-defined]
    config.CACHE_DIR = str(cache_folder("kernels"))  # type: ignore[attr-defined]
