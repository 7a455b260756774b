"""How long the shipped comparison takes, and how much memory, from a process of its own.

    python tests/benchmarks/comparison.py

The first line compiles everything anew (an empty cache of compiled kernels), the second finds it compiled.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def timed(folder: Path, cache: Path) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and peak memory (MiB) of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    command = [sys.executable, "-m", "corridor", "compare", "--quiet", "--out", str(folder)]
    subprocess.run(command, check=True, env={**os.environ, "NUMBA_CACHE_DIR": str(cache)})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, processor, after.ru_maxrss / 1024


def main() -> None:
    """Print the table."""
    print(f"shipped comparison, {os.cpu_count()} processors")
    print(f"{'run':<24}{'wall s':>8}{'cpu s':>8}{'peak MiB':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for label in ("nothing compiled", "compiled"):
            wall, processor, memory = timed(Path(folder) / "out", Path(folder) / "kernels")
            print(f"{label:<24}{wall:>8.1f}{processor:>8.1f}{memory:>10.0f}")


if __name__ == "__main__":
    main()
