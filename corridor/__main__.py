"""``corridor``, and ``python -m corridor``: modules are found where the program is installed, whatever is elsewhere.

``python -m`` puts the current folder before everything else, and PYTHONPATH comes before Python's own modules: a planner's
``calendar.py`` would take the place of Python's. Both are left out before anything else is imported; the folder that holds
the program, if it was found in one of these ways, comes last. What Python imports before it comes here is beyond reach.
"""
# ruff: noqa: E402, PTH100, PTH120 - sys, os and site are there since Python started; pathlib would have to be searched

import os
import site
import sys


def _installed(path: list[str]) -> list[str]:
    """A search path without the current folder and PYTHONPATH, unless Python searches them anyway."""
    own = {_place(p) for p in (os.path.dirname(os.__file__), *site.getsitepackages())}
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    strange = {_place(p) for p in ("", *given)} - own
    found = [p for p in path if _place(p) not in strange]
    home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return found if _place(home) in map(_place, found) else [*found, home]


def _place(folder: str) -> str:
    return os.path.normcase(os.path.realpath(folder))


sys.path[:] = _installed(sys.path)

from corridor.cli import main as main

if __name__ == "__main__":
    main()
