"""Numba, without settings that lie in the current folder, and with what it compiles in the cache folder of the user.

Numba takes settings from a ``.numba_config.yaml`` of the current folder, among them the folder from which it loads what it
compiled before. A study that came from elsewhere must not have a say in that; variables of the environment still have.

Compiled code is kept beside results (:func:`corridor.core.cache.cache_folder`), so that an installation that cannot be written
starts as quickly as any other; ``NUMBA_CACHE_DIR`` names another folder. With ``CORRIDOR_CACHE=off``, and where that folder cannot
be written, it is where Numba puts it: beside the source, else in a folder of its own.

Numba compiles a kernel again when its own file changes, but not when another file changes a constant or a part that it uses, and it
ends the program when a record that a kernel takes has been renamed. So each version of the rooms that hold kernels has a folder of
its own, except where Numba chooses the place.

Compiling takes time where nothing is kept. A kernel is compiled with a way in from Python, which takes as long as a short kernel
itself where its arguments are records of many arrays, so what only kernels call is a :func:`kernel_part`, without one: Python runs
it as it is written. Neither has a way in from C. Rows of numbers are set one number at a time: setting a slice to another compiles
the library's message of shapes that do not match, which takes longer than most kernels.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from functools import partial
from pathlib import Path
from typing import Any

import numba
from numba.core import config
from numba.extending import register_jitable

from corridor.core.cache import Kept, cache_folder, folder_hash

njit: Any = partial(numba.njit, no_cfunc_wrapper=True)
kernel_part: Any = register_jitable

_ROOMS = ("access", "core", "demand", "ecology", "network")
"""What kernels are made of: their parts, the records that they take, and the constants that are compiled into them."""
_UNUSED_S = 30 * 86_400.0


def _folder_of_this_version() -> Path | None:
    """Where compiled kernels are kept; None for where Numba puts them."""
    named = config.CACHE_DIR  # type: ignore[attr-defined]
    if not named and not Kept.of_user().folder:
        return None
    version = folder_hash(
        Path(__file__).resolve().parents[1],
        lambda path: path.suffix == ".py" and path.parts[0] in _ROOMS,
    )
    kernels = Path(named) if named else cache_folder("kernels")
    if not named and not (kernels / version[:16]).exists():
        _forget_old(kernels)
    return kernels / version[:16]


def _forget_old(kernels: Path) -> None:
    """Remove the folders of other versions to which nothing has been added for a month."""
    with contextlib.suppress(OSError):
        for folder in kernels.iterdir():
            if time.time() - folder.stat().st_mtime > _UNUSED_S:
                shutil.rmtree(folder, ignore_errors=True)


config._config_fname = ""
config.reload_config()  # type: ignore[no-untyped-call]
if _kernels := _folder_of_this_version():
    config.CACHE_DIR = str(_kernels)  # type: ignore[attr-defined]
