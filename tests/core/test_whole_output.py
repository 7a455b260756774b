"""Output folders: whole or not at all with two runs at once, after kill -9, on a full disk."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from corridor.core import output
from corridor.core.errors import CorridorError
from corridor.core.output import locked, whole_folder, write_whole
from tests.paths import ROOT

WRITER = """
import sys, time
from pathlib import Path
from corridor.core.output import whole_folder
target, name, times = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
for _ in range(times):
    with whole_folder(target) as folder:
        (folder / "run.json").write_text(name)
        for i in range(20):
            (folder / f"{i}.txt").write_text(name)
        if times == 1:
            print("writing", flush=True)
            time.sleep(60)
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="folders have no locks there")


def writer(target: Path, name: str, times: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(target), name, str(times)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def whole(target: Path) -> str:
    """The name of the one run that wrote everything in a folder."""
    names = {p.read_text() for p in target.iterdir()}
    assert len(names) == 1 and len(list(target.iterdir())) == 21
    return names.pop()


def test_two_runs_at_once_leave_one_whole_output(tmp_path: Path) -> None:
    target = tmp_path / "out"
    runs = [writer(target, name, 100) for name in ("one", "two")]
    seen, end = set(), time.monotonic() + 30
    while any(r.poll() is None for r in runs) and time.monotonic() < end:
        if target.exists():
            with contextlib.suppress(FileNotFoundError):  # between the two renames
                seen.add((target / "run.json").read_text())
    assert [(r.communicate(timeout=30), r.returncode)[1] for r in runs] == [0, 0]
    assert whole(target) in {"one", "two"} and seen <= {"one", "two"}
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_killed_run_leaves_earlier_output_and_the_next_sweeps(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with whole_folder(target) as folder:
        (folder / "run.json").write_text("earlier")
    run = writer(target, "killed", 1)
    assert run.stdout is not None and run.stdout.readline() == "writing\n"
    assert len(list(tmp_path.iterdir())) == 2
    with whole_folder(target) as folder:  # while it runs, its folder is left alone
        (folder / "run.json").write_text("meanwhile")
        assert len(list(tmp_path.iterdir())) == 3
    run.send_signal(signal.SIGKILL)
    run.communicate(timeout=10)
    assert (target / "run.json").read_text() == "meanwhile"
    with whole_folder(target) as folder:
        (folder / "run.json").write_text("next")
    assert (target / "run.json").read_text() == "next"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_earlier_output_moved_aside_by_a_killed_run_is_put_back(tmp_path: Path) -> None:
    # a kill between the two renames leaves only the folder moved aside
    aside = tmp_path / ".out-old-abcdefgh.partial"
    aside.mkdir()
    (aside / "run.json").write_text("earlier")
    target = tmp_path / "out"
    with pytest.raises(ZeroDivisionError), whole_folder(target):
        raise ZeroDivisionError
    assert (target / "run.json").read_text() == "earlier"


def test_folders_of_others_are_not_swept(tmp_path: Path) -> None:
    others = [tmp_path / ".out-private", tmp_path / ".out-abcdefgh", tmp_path / ".outer-abcdefgh.partial"]
    for folder in others:
        folder.mkdir()
    with whole_folder(tmp_path / "out") as folder:
        (folder / "run.json").write_text("x")
    assert all(folder.is_dir() for folder in others)


def test_a_swap_that_fails_puts_the_earlier_output_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, rename = tmp_path / "out", Path.rename
    with whole_folder(target) as folder:
        (folder / "run.json").write_text("earlier")

    def only_away(self: Path, place: Path) -> Path:
        if Path(place) == target and "old" not in self.name:
            raise OSError(errno.EBUSY, "Device or resource busy")
        return rename(self, place)

    monkeypatch.setattr(Path, "rename", only_away)
    with pytest.raises(CorridorError, match="earlier output is as it was"), whole_folder(target) as folder:
        (folder / "run.json").write_text("new")
    assert (target / "run.json").read_text() == "earlier"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_full_disk_is_an_error_and_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "out"
    with whole_folder(target) as folder:
        (folder / "run.json").write_text("earlier")
    with pytest.raises(CorridorError) as caught, whole_folder(target):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert str(caught.value) == (
        f"- {target}: could not be written (No space left on device); earlier output is as it was; "
        "expected room and permission to write; free some space, or choose another --out"
    )
    assert (target / "run.json").read_text() == "earlier"


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs a small disk of its own")
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        write_whole(disk / "layer.csv", b"earlier")
        with pytest.raises(OSError, match="No space left"):
            write_whole(disk / "layer.csv", b"x" * 200_000)
        assert (disk / "layer.csv").read_bytes() == b"earlier"
        assert [p.name for p in disk.iterdir()] == ["layer.csv"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_lock_is_waited_for(tmp_path: Path) -> None:
    with locked(tmp_path):
        assert output._lock(tmp_path, wait=False) is None
    handle = output._lock(tmp_path, wait=False)
    assert handle is not None
    os.close(handle)
