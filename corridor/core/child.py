"""A process of its own that runs a statement of this very package.

It is no multiprocessing or ProcessPoolExecutor: those start a child by importing the caller's script again, and a planner's
script has no ``if __name__ == "__main__"`` guard. The child finds this package by its path, and all else where Python is
installed: neither the current folder, nor that of a script, nor PYTHONPATH is searched. It works in the package's folder,
where no settings of libraries are.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

import corridor

_FIND = """
import sys
_, package, libraries, statement = sys.argv
if libraries not in sys.path:
    sys.path.append(libraries)
import importlib.util
spec = importlib.util.spec_from_file_location("corridor", package)
sys.modules["corridor"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["corridor"])
exec(statement)
"""


def child(statement: str) -> subprocess.Popen[bytes]:
    """Start a child, whose standard input and output are pipes.

    Parameters
    ----------
    statement
        Python, a constant of the program, which the child runs.

    Raises
    ------
    OSError
        Where no process can be started.
    """
    libraries = Path(np.__file__).parents[1]  # where the child's Python would not find them
    command = [sys.executable, "-P", "-c", _FIND, corridor.__file__, str(libraries), statement]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        cwd=Path(corridor.__file__).parent,
    )
