"""Progress callbacks, and what is said before large work."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from threading import Lock

Progress = Callable[[str, int, int], None]
"""Called as each step begins: its name, how many are done, how many there are."""
LOG = logging.getLogger("corridor")
"""Heard by whoever sets a handler; the command line writes it to stderr, a notebook may show it with
``logging.basicConfig(level="INFO")``."""


def silent(step: str, done: int, total: int) -> None:
    """Report nothing.

    Parameters
    ----------
    step
        What begins.
    done
        Steps done.
    total
        Steps in all.
    """


def counted(progress: Progress, total: int) -> Callable[[str], None]:
    """Number steps that several threads begin, in the order in which they begin.

    Parameters
    ----------
    progress
        Gets each step with its number; never called by two threads at once.
    total
        Steps in all.

    Returns
    -------
    callable
        To be called with the name of each step.

    Examples
    --------
    >>> begin = counted(lambda step, done, total: print(f"{done} of {total}: {step}"), 2)
    >>> begin("walls"), begin("roof")
    0 of 2: walls
    1 of 2: roof
    (None, None)
    """
    numbers, one_at_a_time = itertools.count(), Lock()

    def begin(step: str) -> None:
        with one_at_a_time:
            progress(step, next(numbers), total)

    return begin


def tell(text: str) -> None:
    """Say a sentence before large work, or before a request to a server, to whoever listens to :data:`LOG`."""
    LOG.info("%s", text)
