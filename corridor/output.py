"""Folders that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from corridor.errors import CorridorError, Problem

MARK = "run.json"  # only a folder that holds this, or nothing, is ever replaced


def check_target(target: Path) -> None:
    """Refuse a folder that is no run of ours, before any work is done."""
    if target.exists() and (not target.is_dir() or (any(target.iterdir()) and not (target / MARK).is_file())):
        raise CorridorError(
            Problem(
                str(target),
                "exists and is not the output of a run",
                f"no folder, an empty one, or one with {MARK}",
                "choose another --out, or remove it",
            )
        )


@contextlib.contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A temporary folder beside `target` that takes its place when the block ends well.

    A failed or killed run leaves what was there as it was. Refuses to replace a folder that is no run of ours.
    """
    target = target.resolve()
    check_target(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise CorridorError(
            Problem(
                str(target),
                f"cannot be written ({error.strerror})",
                "a folder that can be written",
                "choose another --out",
            )
        ) from None
    try:
        yield temporary
        temporary.chmod(0o755)
        _swap(temporary, target)
    except OSError as error:
        raise CorridorError(
            Problem(
                str(target),
                f"could not be written ({error.strerror}); earlier output is as it was",
                "room and permission to write",
                "free some space or choose another --out",
            )
        ) from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextlib.contextmanager
def whole_folder_new(target: Path) -> Iterator[Path]:
    """As :func:`whole_folder`, for a folder that must be new or empty: what somebody works in is never replaced."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CorridorError(
            Problem(str(target), "exists and is not empty", "a new folder, or an empty one", "choose another")
        )
    with whole_folder(target) as folder:
        yield folder


def _swap(new: Path, target: Path) -> None:
    old = target.with_name(f".{target.name}-old-{os.getpid()}")
    if target.exists():
        target.rename(old)
    try:
        new.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def write_whole(path: Path, data: bytes) -> None:
    """Write one file whole or not at all."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
