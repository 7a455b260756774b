"""Work that waits for nobody gives way to answers that a hand waits for."""

from __future__ import annotations

import os
import sys
import threading

NICE = 10
"""Added to the priority number of what gives way: with two processors busy it gets about a tenth of one."""


def yield_processors() -> None:
    """Lower the priority of this thread, and of threads that it starts from now on; others stay as they are.

    Linux alone has a priority for each thread. Elsewhere nothing happens: the whole process would give way, answers too.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + NICE)
