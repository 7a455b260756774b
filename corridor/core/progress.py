"""Progress callbacks, and what is said before large work."""

from __future__ import annotations

import logging
from collections.abc import Callable

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


def tell(text: str) -> None:
    """Say a sentence before large work, or before a request to a server, to whoever listens to :data:`LOG`."""
    LOG.info("%s", text)
