"""Progress callbacks."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called as each step begins: its name, how many are done, how many there are."""
Tell = Callable[[str], None]
"""Told, in a sentence, of work that is large or of what a server is asked."""


def silent(step: str, done: int, total: int) -> None:
    """Say nothing."""
