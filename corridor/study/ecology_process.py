"""The ecology of many scenarios in a process of its own, while this one works out times.

Much of both is plain Python, of which one interpreter runs one line at a time; two of them use two processors. The child
reads works and land from its standard input and writes the assessments to its standard output, both packed
(:mod:`corridor.core.packing`): nothing but values of this program passes between the two.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from corridor.core.child import child
from corridor.core.packing import pack, unpack
from corridor.ecology.impact.difference import Assessment, assess_cases
from corridor.ecology.land.land import Land
from corridor.ecology.works.parameters import SHIPPED, ParameterTable
from corridor.ecology.works.profile import Work

_CHILD = "from corridor.study.ecology_process import serve; serve()"
Task = tuple[dict[str, tuple[Work, ...]], Land, ParameterTable]
Found = dict[str, Assessment]
WORTH_A_PROCESS_M = 15_000.0
"""Length of works that take longer to assess than a process of its own takes to start."""


@contextlib.contextmanager
def assessed_beside(
    works: Mapping[str, tuple[Work, ...]], land: Land, table: ParameterTable = SHIPPED
) -> Iterator[Callable[[str], Assessment]]:
    """Assess the works of each scenario in a child process; inside the block its result is there to ask for.

    Asking waits. Where little is built, no child can be started, or it dies, the work is done here. A block that fails stops it.
    """
    if sum(work.alignment.length for each in works.values() for work in each) < WORTH_A_PROCESS_M:
        here = cache(lambda: _assessed((dict(works), land, table)))
        yield lambda name: here()[name]
        return
    with ThreadPoolExecutor(1) as waiting:
        started = _start()
        found = waiting.submit(_fetch, started, (dict(works), land, table))
        try:
            yield lambda name: found.result()[name]
        except BaseException:
            if started:
                started.kill()
            raise


def _start() -> subprocess.Popen[bytes] | None:
    try:
        return child(_CHILD)
    except OSError:
        return None


def _fetch(started: subprocess.Popen[bytes] | None, task: Task) -> Found:
    if started:
        try:
            out, _ = started.communicate(pack(task, Task))
        except TypeError:  # a column that is not packed
            started.kill()
            started.communicate()
        else:
            if started.returncode < 0:
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
