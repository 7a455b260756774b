"""One case: a spoilt file given to the program, and what came of it."""

from __future__ import annotations

import os
import tempfile
import time
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

from corridor.core.errors import CorridorError, UnknownName
from corridor.schema.catalog import Catalog
from tests.fuzzing.kind import Kind, WrongError
from tests.fuzzing.kinds import KINDS

Outcome = Literal[
    "accepted", "refused", "usage", "traceback", "partial", "wrong", "message", "hang", "memory"
]
FAULTS = ("traceback", "hang", "memory", "partial", "wrong", "message")
LONGEST_MESSAGE = 4_000
MOST_PROBLEMS = 500


@dataclass(frozen=True)
class Result:
    """What came of a case: how it ended, in what time (s), with how much memory at most (MiB), and what to look at."""

    kind: str
    number: int
    outcome: Outcome
    seconds: float = 0.0
    peak_mib: float = 0.0
    detail: str = ""


class Bench:
    """Prepared kinds, each in a folder of its own, and what lies there while nothing is wrong."""

    def __init__(self, home: Path):
        self.home, self.kinds, self.whole = home, dict[str, Kind](), dict[str, dict[str, bytes]]()
        (home / "cwd").mkdir(parents=True)
        (home / "tmp").mkdir()
        self.shipped = Catalog.bundled()

    def kind(self, name: str) -> Kind:
        """A kind, prepared once."""
        if name not in self.kinds:
            made = next(k for k in KINDS if k.name == name)
            self.kinds[name] = made(self.home / made.__name__.lower(), self.shipped)
            self.whole[name] = contents(self.kinds[name].base)
        return self.kinds[name]

    def run(self, name: str, seed: int, number: int) -> Result:
        """Case `number` of a kind; the same seed gives the same damage."""
        kind = self.kind(name)
        kind.written, kind.spoilt = {}, {}
        chance = Random(f"{seed} {name} {number}")
        kept, tempfile.tempdir, here = tempfile.tempdir, str(self.home / "tmp"), Path.cwd()
        os.chdir(self.home / "cwd")
        bundled, Catalog.bundled = Catalog.bundled, classmethod(lambda _: self.shipped)  # type: ignore[method-assign, assignment]
        start, before = time.perf_counter(), _reset_peak()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                warnings.filterwarnings(
                    "ignore", "Use `@` matmul", PendingDeprecationWarning
                )  # within rasterio
                outcome, detail = _outcome(kind, chance)
            seconds, peak = time.perf_counter() - start, _peak_mib()
            if outcome not in FAULTS and (left := self._left(name, kind, outcome)):
                outcome, detail = "partial", f"after {outcome}: {left}"
        finally:
            os.chdir(here)
            tempfile.tempdir, Catalog.bundled = kept, bundled  # type: ignore[method-assign]
            self._mend(name, kind)
        return Result(name, number, outcome, seconds, max(peak - before, 0.0), detail)

    def _left(self, name: str, kind: Kind, outcome: Outcome) -> str:
        """What lies where nothing should: changed or new files in the study after a refusal, anything beside it always."""
        wanted, found = self.whole[name] | kind.spoilt, contents(kind.base)
        if outcome != "accepted" and found != wanted:
            return f"in the study {sorted(k for k in wanted.keys() | found.keys() if wanted.get(k) != found.get(k))}"
        for place in ("cwd", "tmp"):
            if left := list(contents(self.home / place)):
                return f"in {place} {left}"
        if (there := contents(kind.room)) != kind.written:
            return f"beside the input {sorted(k for k in there.keys() | kind.written.keys() if there.get(k) != kind.written.get(k))}"
        return ""

    def _mend(self, name: str, kind: Kind) -> None:
        wanted, found = self.whole[name], contents(kind.base)
        for path in found.keys() - wanted.keys():
            _remove(kind.base / path)
        for path, data in wanted.items():
            if found.get(path) != data:
                (kind.base / path).parent.mkdir(parents=True, exist_ok=True)
                (kind.base / path).write_bytes(data)
        for folder in (kind.room, self.home / "cwd", self.home / "tmp"):
            for path in contents(folder):
                _remove(folder / path)


def _remove(path: Path) -> None:
    path.unlink()
    parent = path.parent
    while parent.name.startswith(("gtfs-", "tmp", ".", "corridor-")) and not any(parent.iterdir()):
        parent.rmdir()
        parent = parent.parent


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() or p.is_symlink()
    }


def _outcome(kind: Kind, chance: Random) -> tuple[Outcome, str]:
    try:
        kind.act(chance)
    except CorridorError as error:
        return _told(error)
    except SystemExit as stop:
        if stop.code == 2:
            return "usage", ""
        if stop.code in (0, None):
            return "accepted", ""
        if stop.code == 1 and isinstance(stop.__context__, CorridorError):
            return _told(stop.__context__)
        return "traceback", f"exit code {stop.code}"
    except Exception:  # noqa: BLE001 - any is a fault
        return "traceback", traceback.format_exc()
    try:
        kind.accepted()
    except WrongError as wrong:
        return "wrong", str(wrong)
    except Exception:  # noqa: BLE001
        return "wrong", traceback.format_exc()
    return "accepted", ""


def _told(error: CorridorError) -> tuple[Outcome, str]:
    """Whether a refusal says where, what, what was expected and what to do, in words one can print."""
    if not error.problems or len(error.problems) > MOST_PROBLEMS:
        return "message", f"{len(error.problems)} problems"
    for problem in error.problems:
        text = str(problem)
        told = problem.remedy or isinstance(problem, UnknownName)  # which says what to use
        if not (problem.where and problem.what and problem.expected and told):
            return "message", f"not whole: {text[:500]}"
        if len(text) > LONGEST_MESSAGE:
            return "message", f"{len(text)} letters: {text[:300]}"
        if not text.isprintable():
            return "message", f"cannot be printed: {text[:300]!r}"
    return "refused", str(error)[:300]


def _reset_peak() -> float:
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return 0.0
    return _status("VmRSS")


def _peak_mib() -> float:
    return _status("VmHWM")


def _status(field: str) -> float:
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) / 1024 for line in lines if line.startswith(field)), 0.0)
