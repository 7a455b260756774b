"""What a planner waits for, here and in another checkout: ratios in one run.

    python tests/benchmarks/ratios.py                       # this checkout
    python tests/benchmarks/ratios.py --beside ../base      # and another one, each row in turn, on the same libraries
    python tests/benchmarks/ratios.py --beside ../base --out /tmp/files   # keep what both wrote, to compare

Two scenarios are compared, with travellers on two land states: the do-minimum and one of the user's own, of which a headway is
changed between runs. Each row is a process of its own. Processor seconds count user and system time, so that a busy machine
changes them less than the clock; memory is the peak of the process.
"""

from __future__ import annotations

import argparse
import compileall
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parents[2]
MINE = """\
id: mine
title: {en: Western line with other headways}
question: {en: "What does a headway cost?"}
extends: western-2035
lines: {change: [{id: hswrl, headway_min: {peak: PEAK, off_peak: 10}}]}
"""
IN_MEMORY = """\
import time
from corridor.core.cache import Kept
from corridor.ecology.impact.difference import assess_cases
from corridor.study import stages
from corridor.study.study import Study
from corridor.study.works import works_of

study = Study.bundled(kept=Kept.of_user())
edit = study.edit("both-2035")


def both(edit):
    wall, processor = time.perf_counter(), time.process_time()
    edit.score("08:30")
    works = works_of(edit.scenario, study.tables.stations, study.alignments, ())
    assess_cases(works, study.land, study.stages.of(stages.PROFILE))
    return time.perf_counter() - wall, time.process_time() - processor


both(edit)
print(*min(both(edit.headway("hswrl", minutes)) for minutes in (4, 5, 6)))
"""
"""An edit scored for access within all cut-offs and for nature, after the scenario as it is."""


class Run(NamedTuple):
    """One process: seconds by the clock and of processors, and its peak."""

    wall_s: float
    processor_s: float
    peak_mb: float

    def __str__(self) -> str:
        return f"{self.wall_s:>8.1f}{self.processor_s:>8.1f}{self.peak_mb:>7.0f}"


def timed(checkout: Path, home: Path, *command: str) -> tuple[Run, str]:
    """One process in a checkout, whose modules it runs, and what it printed."""
    environment = {
        **os.environ, "NUMBA_CACHE_DIR": str(home / "kernels"), "CORRIDOR_CACHE": str(home / "kept"), "PYTHONPATH": str(checkout),
    }  # fmt: skip
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *command], cwd=checkout, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    printed = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{checkout}: {' '.join(command)[:60]} failed")
    wall_s = time.perf_counter() - begun
    return Run(wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024), printed


def compared(checkout: Path, home: Path, peak_min: int) -> Run:
    """The two scenarios, a headway of one set."""
    mine = home / "mine.yaml"
    mine.write_text(MINE.replace("PEAK", str(peak_min)), encoding="utf-8")
    asked = ("compare", "committed-2030", str(mine), "--quiet", "--out", str(home / "out"))
    return timed(checkout, home, "-m", "corridor", *asked)[0]


def edit_in_memory(checkout: Path, home: Path) -> Run:
    """The seconds of the edit itself; the peak is that of the process."""
    whole, printed = timed(checkout, home, "-c", IN_MEMORY)
    wall_s, processor_s = map(float, printed.split())
    return Run(wall_s, processor_s, whole.peak_mb)


def journey(checkout: Path, home: Path) -> Run:
    """A journey on a network that is kept."""
    command = ("-m", "corridor", "journey", "Admiralty", "Qianhai")
    timed(checkout, home, *command)
    return timed(checkout, home, *command)[0]


ROWS = {
    "nothing compiled": lambda checkout, home: compared(checkout, home, 8),
    "nothing changed": lambda checkout, home: compared(checkout, home, 8),
    "a headway of one changed": lambda checkout, home: compared(checkout, home, 7),
    "and another": lambda checkout, home: compared(checkout, home, 6),
    "journey, kept": journey,
    "one edit in memory": edit_in_memory,
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--beside", type=Path, help="another checkout of the program")
    parser.add_argument("--out", type=Path, help="an empty folder for what is kept and written")
    args = parser.parse_args()
    checkouts = [HERE, *([args.beside.resolve()] if args.beside else [])]
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.0f}; wall s, processor s, peak MB")
    with tempfile.TemporaryDirectory() as name:
        homes = [(args.out or Path(name)) / label for label in ("here", "beside")]
        for checkout, home in zip(checkouts, homes, strict=False):
            home.mkdir(parents=True)
            compileall.compile_dir(checkout / "corridor", quiet=1)  # as an installation has it
        for row, work in ROWS.items():
            runs = [work(checkout, home) for checkout, home in zip(checkouts, homes, strict=False)]
            ratio = f"   ratio {runs[0].processor_s / runs[1].processor_s:.2f}" if len(runs) > 1 else ""
            print(f"{row:<28}{' |'.join(map(str, runs))}{ratio}", flush=True)


if __name__ == "__main__":
    main()
