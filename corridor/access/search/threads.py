"""Row kernels run in threads; the kernels let go of the interpreter's lock."""

from __future__ import annotations

import itertools
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

THREADS = max(1, min(8, os.cpu_count() or 1))


def chunks(n: int, parts: int) -> list[slice]:
    """[0, n) cut into at most `parts` slices of about one length."""
    edges = np.linspace(0, n, max(1, min(n, parts)) + 1).astype(int)
    return [slice(int(a), int(b)) for a, b in itertools.pairwise(edges)]


def in_threads(kernel: Any, n: int, *arrays: Any) -> None:
    """Run `kernel(first, last, *arrays)` over [0, n), a few slices for each thread."""
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda part: kernel(part.start, part.stop, *arrays), chunks(n, THREADS * 4)))
