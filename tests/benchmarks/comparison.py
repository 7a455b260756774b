"""How long the shipped comparison takes, and how much memory.

    python tests/benchmarks/comparison.py

Each run is a process of its own. The first line compiles everything anew (an empty cache of
compiled kernels), the second finds it compiled, the third keeps its stages too, the fourth finds them and its files.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def timed(folder: Path, kernels: Path, kept: str) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and peak memory (MiB, of this run or an earlier one) of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    command = [sys.executable, "-m", "corridor", "compare", "--quiet", "--out", str(folder)]
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(kernels), "CORRIDOR_CACHE": kept}
    subprocess.run(command, check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, processor, after.ru_maxrss / 1024


def main() -> None:
    """Print the table."""
    print(f"shipped comparison, {os.cpu_count()} processors, load {os.getloadavg()[0]:.0f}")
    print(f"{'run':<24}{'wall s':>8}{'cpu s':>8}{'peak MiB':>10}")
    with tempfile.TemporaryDirectory() as name:
        shipped(Path(name))


def shipped(folder: Path) -> None:
    """Time the shipped comparison."""
    kernels, kept = folder / "kernels", str(folder / "kept")
    runs = (("nothing compiled", "off"), ("compiled", "off"), ("to be kept", kept), ("kept", kept))
    for label, keep in runs:
        tell(label, timed(folder / "out", kernels, keep))


def tell(label: str, measured: tuple[float, float, float]) -> None:
    """Print a row of the table."""
    wall, processor, memory = measured
    print(f"{label:<24}{wall:>8.1f}{processor:>8.1f}{memory:>10.0f}", flush=True)


if __name__ == "__main__":
    main()
