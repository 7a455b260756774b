"""What was worked out before, kept in memory by what it was worked out from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Kept(dict[K, V]):
    """Results by their inputs: all of them, or the last `most`."""

    def __init__(self, most: int | None = None):
        super().__init__()
        self.most = most

    def known(self, key: K, work: Callable[[], V]) -> V:
        """What belongs to a key, worked out where it is not kept."""
        if key not in self:
            while self.most is not None and len(self) >= self.most:
                del self[next(iter(self))]
            self[key] = work()
        return self[key]
