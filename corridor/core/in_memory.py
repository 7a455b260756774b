"""Results kept in memory by what they were computed from."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

K = TypeVar("K")
V = TypeVar("V")
S = TypeVar("S")
P = ParamSpec("P")


class Kept(dict[K, V]):
    """Results by their inputs: all of them, or the last `most`."""

    def __init__(self, most: int | None = None):
        super().__init__()
        self.most = most

    def known(self, key: K, work: Callable[[], V]) -> V:
        """What belongs to a key, computed where it is not kept."""
        if key not in self:
            while self.most is not None and len(self) >= self.most:
                # a dict keeps the order in which keys came, so the first is the oldest
                del self[next(iter(self))]
            self[key] = work()
        return self[key]


def kept(
    most: int | None = None,
) -> Callable[[Callable[Concatenate[S, P], V]], Callable[Concatenate[S, P], V]]:
    """Keep what a method returns, on its object and by its arguments: all of it, or the last `most`.

    Unlike :func:`functools.lru_cache` it neither compares objects nor keeps them alive; arguments live as long as what they
    gave. There is no lock: threads that ask at once may both do the work.
    """

    def decorate(method: Callable[Concatenate[S, P], V]) -> Callable[Concatenate[S, P], V]:
        @wraps(method)
        def known(self: S, *args: P.args, **kwargs: P.kwargs) -> V:
            results: Kept[object, V] = vars(self).setdefault(f"{method.__name__} kept", Kept(most))
            return results.known((args, *kwargs.items()), lambda: method(self, *args, **kwargs))

        return known  # type: ignore[return-value]

    return decorate
