"""Numba, without settings that lie in the current folder, and with what it compiles in the cache folder of the user.

Numba takes settings from a ``.numba_config.yaml`` of the current folder, among them the folder from which it loads what it
compiled before. A study that came from elsewhere must not have a say in that; variables of the environment still have.

Compiled code is kept beside results (:func:`corridor.core.cache.cache_folder`), so that an installation that cannot be written
starts as quickly as any other; ``NUMBA_CACHE_DIR`` names another folder. With ``CORRIDOR_CACHE=off``, and where that folder cannot
be written, it is where Numba puts it: beside the source, else in a folder of its own.

Compiling takes time where nothing is kept. A kernel is compiled with a way in from Python, which takes as long as a short kernel
itself where its arguments are records of many arrays, so what only kernels call is a :func:`kernel_part`, without one: Python runs
it as it is written. Neither has a way in from C. Rows of numbers are set one number at a time: setting a slice to another compiles
the library's message of shapes that do not match, which takes longer than most kernels.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numba
from numba.core import config
from numba.extending import register_jitable

from corridor.core.cache import Kept, cache_folder

njit: Any = partial(numba.njit, no_cfunc_wrapper=True)
kernel_part: Any = register_jitable

config._config_fname = ""
config.reload_config()  # type: ignore[no-untyped-call]
if Kept.of_user().folder and not config.CACHE_DIR:  # type: ignore[attr-defined]
    config.CACHE_DIR = str(cache_folder("kernels"))  # type: ignore[attr-defined]
