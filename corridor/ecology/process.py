"""The ecology of many scenarios in a process of its own, while this one works out times.

Much of both is plain Python, of which one interpreter runs one line at a time; two of them use two processors. The child
reads works and land as a pickle from its standard input and writes the assessments to its standard output; nothing but
objects of this program passes between the two.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from corridor.ecology.cases import Assessment, assess_cases
from corridor.ecology.land import Land
from corridor.ecology.parameters import SHIPPED, ParameterTable
from corridor.ecology.profile import Work

_CHILD = "from corridor.ecology.process import serve; serve()"


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
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    try:
        return subprocess.Popen(
            [sys.executable, "-c", _CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )
    except OSError:
        return None


_Task = tuple[dict[str, tuple[Work, ...]], Land, ParameterTable]


def _fetch(child: subprocess.Popen[bytes] | None, task: _Task) -> dict[str, Assessment]:
    if child:
        out, _ = child.communicate(pickle.dumps(task))
        if child.returncode == 0:
            return dict(pickle.loads(out))
        if child.returncode < 0:
            return {}  # stopped by the block: nobody asks any more
    return _assessed(task)


def _assessed(task: _Task) -> dict[str, Assessment]:
    works, land, table = task
    return {name: assess_cases(each, land, table) for name, each in works.items()}


def serve() -> None:
    """What the child does."""
    sys.stdout.buffer.write(pickle.dumps(_assessed(pickle.load(sys.stdin.buffer))))
