"""Row kernels run in threads; the kernels let go of the interpreter's lock."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar, cast

import numpy as np

T = TypeVar("T")
R = TypeVar("R")
Method = TypeVar("Method", bound=Callable[..., Any])
THREADS = max(1, min(8, os.cpu_count() or 1))
_IN_USE: ContextVar[int] = ContextVar("threads in use", default=THREADS)


@contextmanager
def one_thread() -> Iterator[None]:
    """Work in this thread alone inside the block: for one of several processes, and where sums must not depend on an order."""
    before = _IN_USE.set(1)
    try:
        yield
    finally:
        _IN_USE.reset(before)


def chunks(n: int, parts: int) -> list[slice]:
    """[0, n) cut into at most `parts` slices of about one length."""
    edges = np.linspace(0, n, max(1, min(n, parts)) + 1).astype(int)
    return [slice(int(a), int(b)) for a, b in itertools.pairwise(edges)]


def map_in_threads(work: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """What `work` gives for each item, in their order."""
    if (threads := _IN_USE.get()) == 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, items))


def in_threads(kernel: Any, n: int, *arrays: Any) -> None:
    """Run `kernel(first, last, *arrays)` over [0, n), a few slices for each thread."""
    map_in_threads(lambda part: kernel(part.start, part.stop, *arrays), chunks(n, THREADS * 4))


def one_at_a_time(method: Method) -> Method:
    """Scenarios are worked on side by side, and share what an object keeps: one thread at a time in its methods."""

    @wraps(method)
    def locked(self: Any, *args: Any, **kwargs: Any) -> Any:
        with self._lock:
            return method(self, *args, **kwargs)

    return cast(Method, locked)
