"""The ecology of many scenarios in a process of its own, while this one works out times.

Much of both is plain Python, of which one interpreter runs one line at a time; two of them use two processors. The child
reads works and land from its standard input and writes the assessments to its standard output, both packed
(:mod:`corridor.core.packing`): nothing but values of this program passes between the two.

It is no multiprocessing or ProcessPoolExecutor: those start a child by importing the caller's script again, and a planner's
script has no ``if __name__ == "__main__"`` guard. The child runs this very package, by its path, and finds all else where Python is installed:
neither the current folder, nor that of a script, nor PYTHONPATH is searched. It works in the package's folder, where no
settings of libraries are.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

import corridor
from corridor.core.packing import pack, unpack
from corridor.ecology.impact.cases import Assessment, assess_cases
from corridor.ecology.land.land import Land
from corridor.ecology.works.parameters import SHIPPED, ParameterTable
from corridor.ecology.works.profile import Work

_CHILD = """
import sys
_, package, libraries = sys.argv
if libraries not in sys.path:
    sys.path.append(libraries)
import importlib.util
spec = importlib.util.spec_from_file_location("corridor", package)
sys.modules["corridor"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["corridor"])
from corridor.study.ecology_process import serve
serve()
"""
Task = tuple[dict[str, tuple[Work, ...]], Land, ParameterTable]
Found = dict[str, Assessment]


@contextlib.contextmanager
def assessed_beside(
    works: Mapping[str, tuple[Work, ...]], land: Land, table: ParameterTable = SHIPPED
) -> Iterator[Callable[[str], Assessment]]:
    """Assess the works of each scenario in a child process; inside the block its result is there to ask for.

    Asking waits. Where no child can be started, or it dies, the work is done here. A block that fails stops it.
    """
    with ThreadPoolExecutor(1) as waiting:
        child = _start()
        found = waiting.submit(_fetch, child, (dict(works), land, table))
        try:
            yield lambda name: found.result()[name]
        except BaseException:
            if child:
                child.kill()
            raise


def _start() -> subprocess.Popen[bytes] | None:
    """The child; where its Python would not find the libraries, it is given the paths of this process."""
    libraries = Path(np.__file__).parents[1]
    command = [sys.executable, "-P", "-c", _CHILD, corridor.__file__, str(libraries)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    home = Path(corridor.__file__).parent
    try:
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=home
        )
    except OSError:
        return None


def _fetch(child: subprocess.Popen[bytes] | None, task: Task) -> Found:
    if child:
        try:
            out, _ = child.communicate(pack(task, Task))
        except TypeError:  # a column that is not packed
            child.kill()
            child.communicate()
        else:
            if child.returncode < 0:
                return {}  # stopped by the block: nobody asks any more
            with contextlib.suppress(ValueError):
                return dict(unpack(out, Found))
    return _assessed(task)


def _assessed(task: Task) -> Found:
    works, land, table = task
    return {name: assess_cases(each, land, table) for name, each in works.items()}


def serve() -> None:
    """Answer the parent process: the child's whole work."""
    sys.stdout.buffer.write(pack(_assessed(unpack(sys.stdin.buffer.read(), Task)), Found))
