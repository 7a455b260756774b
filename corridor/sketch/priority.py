"""Work that waits for nobody gives way to answers that a hand waits for."""

from __future__ import annotations

import os
import sys
import threading

NICE = 5
"""Added to the priority number of what gives way: beside an answer it gets a quarter of a processor. At 10 it would get a
tenth, and on a machine that is busy with other work the slow parts, and their end, would take minutes."""


def yield_processors() -> None:
    """Lower the priority of this thread, and of threads that it starts from now on; others stay as they are.

    Linux alone has a priority for each thread. Elsewhere nothing happens: the whole process would give way, answers too.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + NICE)
