"""Damaged files thrown at the program: no traceback, no hang, no half output, memory bounded. Prints a table.

python tests/benchmarks/fuzz.py --cases 12000 --seed 1
python tests/benchmarks/fuzz.py --kind rasters --case 17 --seed 1   (one case again, with what it says)

Each case runs in a worker process with a limit of time and of memory; a worker that is stuck is ended and replaced.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.fuzzing.kinds import KINDS
from tests.fuzzing.one_case import FAULTS, Bench, Result

MIB = 2**20


def work(home: Path, seed: int, memory_mib: int, line: Connection) -> None:
    """A worker: takes a kind and a number, answers with the result, until None comes."""
    os.environ |= {"CORRIDOR_CACHE": "off", "XDG_CACHE_HOME": str(home / "cache")}
    bench = Bench(home)
    limited = False
    while (asked := line.recv()) is not None:
        bench.kind(asked[0])
        if not limited:  # above what the libraries take for themselves
            size = (
                int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
            )
            resource.setrlimit(resource.RLIMIT_AS, (size + memory_mib * MIB, resource.RLIM_INFINITY))
            limited = True
        line.send("ready")
        line.send(bench.run(asked[0], seed, asked[1]))


class Worker:
    """A process that runs cases, replaced when it is stuck or gone."""

    def __init__(self, seed: int, limit_s: float, memory_mib: int):
        self.seed, self.limit_s, self.memory_mib = seed, limit_s, memory_mib
        self.start()

    def start(self) -> None:
        """Begin anew."""
        self.home = Path(tempfile.mkdtemp(prefix="corridor-fuzz-"))
        self.line, other = multiprocessing.get_context("spawn").Pipe()
        self.process = multiprocessing.get_context("spawn").Process(
            target=work, args=(self.home, self.seed, self.memory_mib, other), daemon=True
        )
        self.process.start()
        other.close()

    def stop(self) -> None:
        """End the process and remove its folder."""
        self.process.kill()
        self.process.join()
        shutil.rmtree(self.home, ignore_errors=True)

    def run(self, kind: str, number: int) -> Result:
        """One case; a worker that gives no answer is a hang, one that died is a traceback."""
        try:
            self.line.send((kind, number))
            self.line.recv()  # the kind is prepared
            begun = time.monotonic()
            if self.line.poll(self.limit_s):
                result: Result = self.line.recv()
                return result
            result = Result(kind, number, "hang", time.monotonic() - begun)
        except (EOFError, OSError):
            result = Result(
                kind, number, "traceback", detail=f"the process died (exit code {self.process.exitcode})"
            )
        self.stop()
        self.start()
        return result


def numbers(cases: int) -> Iterator[tuple[str, int]]:
    """Kinds and numbers of cases, by the share of each kind."""
    parts = sum(k.share for k in KINDS)
    for kind in KINDS:
        for number in range(-(-cases * kind.share // parts)):
            yield kind.name, number


def earlier(out: Path | None) -> list[Result]:
    """Results of a run that was broken off; the next one goes on from there."""
    if out is None or not out.is_file():
        return []
    return [Result(**json.loads(line)) for line in out.read_text(encoding="utf-8").splitlines()]


def table(results: list[Result]) -> str:
    """A table of the outcomes by kind, in Markdown."""
    head = [
        "kind",
        "cases",
        "taken",
        "refused",
        "tracebacks",
        "hangs",
        "half output",
        "wrong numbers",
        "poor messages",
        "longest case, s",
        "most memory, MiB",
    ]
    rows = [head, ["---"] + ["---:"] * (len(head) - 1)]
    for name in [*dict.fromkeys(r.kind for r in results), ""]:
        of = [r for r in results if r.kind == name or not name]
        count = {o: sum(r.outcome == o for r in of) for o in ("accepted", "refused", "usage", *FAULTS)}
        rows.append([
            name or "all", f"{len(of):,}", f"{count['accepted']:,}", f"{count['refused'] + count['usage']:,}", *(str(count[o]) for o in ("traceback", "hang", "partial", "wrong", "message")),
            f"{max(r.seconds for r in of):.1f}", f"{max(r.peak_mib for r in of):.0f}",
        ])  # fmt: skip
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


@click.command()
@click.option("--cases", default=12_000, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--kind", default="", help="Only this kind.")
@click.option("--case", "number", type=int, help="Only this case, in this process.")
@click.option("--limit", "limit_s", default=20.0, show_default=True, help="Seconds for a case.")
@click.option("--memory", "memory_mib", default=2_048, show_default=True, help="MiB a case may take on top.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write every result, a JSON object a line; a run broken off goes on.",
)
def main(
    cases: int, seed: int, kind: str, number: int | None, limit_s: float, memory_mib: int, out: Path | None
) -> None:
    """Throw damaged files at the program."""
    if number is not None:
        os.environ["CORRIDOR_CACHE"] = "off"
        with tempfile.TemporaryDirectory() as home:
            result = Bench(Path(home)).run(kind, seed, number)
        click.echo(f"{result}\n{result.detail}")
        return
    worker, results, started = Worker(seed, limit_s, memory_mib), earlier(out), time.monotonic()
    done = {(r.kind, r.number) for r in results}
    for name, case in numbers(cases):
        if (kind and name != kind) or (name, case) in done:
            continue
        results.append(worker.run(name, case))
        if out:
            with out.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(asdict(results[-1])) + "\n")
        if len(results) % 200 == 0:
            bad = sum(r.outcome in FAULTS for r in results)
            click.echo(
                f"{len(results):,} cases, {bad} faults, {time.monotonic() - started:.0f} s ({name})", err=True
            )
    worker.stop()
    click.echo(table(results))
    sys.exit(any(r.outcome in FAULTS for r in results))


if __name__ == "__main__":
    main()
