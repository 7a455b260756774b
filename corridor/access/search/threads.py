"""Row kernels run in threads; the kernels let go of the interpreter's lock."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")
R = TypeVar("R")
THREADS = max(1, min(8, os.cpu_count() or 1))


def chunks(n: int, parts: int) -> list[slice]:
    """[0, n) cut into at most `parts` slices of about one length."""
    edges = np.linspace(0, n, max(1, min(n, parts)) + 1).astype(int)
    return [slice(int(a), int(b)) for a, b in itertools.pairwise(edges)]


def map_in_threads(work: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """What `work` gives for each item, in their order."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, items))


def in_threads(kernel: Any, n: int, *arrays: Any) -> None:
    """Run `kernel(first, last, *arrays)` over [0, n), a few slices for each thread."""
    map_in_threads(lambda part: kernel(part.start, part.stop, *arrays), chunks(n, THREADS * 4))
