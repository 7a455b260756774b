"""Progress callbacks."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called as each step begins: its name, how many are done, how many there are."""
Tell = Callable[[str], None]
"""Called with a sentence before large work or a request to a server."""


def silent(step: str, done: int, total: int) -> None:
    """Report nothing."""
