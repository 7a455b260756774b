"""How long commands take that a planner types all day: processor seconds of a process of its own, the least of some runs.

    python tests/benchmarks/start.py                   # this checkout
    python tests/benchmarks/start.py --beside ../base  # and another one, in turn with it, on the same libraries

Kernels are compiled and results kept before the first run that counts. Seconds count user and system time, so that a busy
machine changes them less than the clock.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
COMMANDS = (
    ("--help", 0.4),
    ("scenarios list", 0.7),
    ("scenarios validate", 0.7),
    ("journey Admiralty Qianhai", 1.5),
)
"""What is typed, and the goal in processor seconds on a quiet machine."""


def processor_s(checkout: Path, command: str, cache: str) -> float:
    """Processor seconds of one run; modules are those of the checkout, whose folder is the current one."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "corridor", *command.split()],
        cwd=checkout,
        env={**os.environ, "CORRIDOR_CACHE": cache},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--beside", type=Path, help="another checkout of the program")
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    checkouts = [HERE, *([args.beside.resolve()] if args.beside else [])]
    print(
        f"processor seconds, the least of {args.runs} runs, {os.cpu_count()} processors, load {os.getloadavg()[0]:.0f}"
    )
    print(f"{'command':<28}{'goal':>6}{'here':>8}" + (f"{'beside':>8}{'ratio':>7}" if args.beside else ""))
    with tempfile.TemporaryDirectory() as cache:
        for command, goal in COMMANDS:
            runs = [[processor_s(c, command, cache) for c in checkouts] for _ in range(args.runs + 1)][1:]
            least = [min(of_one) for of_one in zip(*runs, strict=True)]
            beside = f"{least[1]:>8.2f}{least[0] / least[1]:>7.2f}" if args.beside else ""
            print(f"{command:<28}{goal:>6.1f}{least[0]:>8.2f}{beside}", flush=True)


if __name__ == "__main__":
    main()
