"""Files and folders that are written whole or not at all, also when two runs write at once or one is killed.

A folder is written beside its place under a hidden name; what is there is then renamed aside and the new one renamed
into its place, under a lock. Locks are held on open folders, so that a killed process leaves none; the next run that
writes to the same place sweeps what a killed one left, and puts back what it had moved aside.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from corridor.core.errors import CorridorError

try:
    import fcntl
except ImportError:  # Windows: folders cannot be locked there; each step is still whole by itself
    fcntl = None  # type: ignore[assignment]

MARK = "run.json"  # only a folder that holds this, or nothing, is ever replaced
PARTIAL = ".partial"
CHOOSE_FILE = "free some space, or choose a file in another folder with --out"
CHOOSE_FOLDER = "free some space, or choose another --out"


def check_target(target: Path) -> None:
    """Refuse a folder that is no output of a run, before any work is done.

    Raises
    ------
    CorridorError
        Where `target` is there, is not empty and does not hold :data:`MARK`.
    """
    if _is_of_others(target):
        with locked(target.parent):  # another run may have been between its two renames
            _refuse_others(target)


def _refuse_others(target: Path) -> None:
    if _is_of_others(target):
        what, expected = (
            "exists and is not the output of a run",
            f"no folder, an empty one, or one with {MARK}",
        )
        raise CorridorError.at(str(target), what, expected, "choose another --out, or remove it")


def _is_of_others(target: Path) -> bool:
    """Whether there is something that is no empty folder and no run of ours."""
    try:
        return target.exists() and (
            not target.is_dir() or (any(target.iterdir()) and not (target / MARK).is_file())
        )
    except FileNotFoundError:  # renamed since
        return False


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Wait until no other process is in such a block for the same folder. A killed process holds nothing.

    Parameters
    ----------
    folder
        An existing folder; where it cannot be locked (Windows, some network file systems) nobody waits.
    """
    handle = _lock(folder, wait=True)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _lock(folder: Path, wait: bool) -> int | None:
    """An open handle that holds the folder's lock; None where it cannot be had, or where folders have no locks."""
    if fcntl is None:
        return None
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # gone since it was listed: a run that ends removes its own without waiting for anybody
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:  # somebody holds it, or a network file system without locks
        os.close(handle)
        return None
    return handle


@contextlib.contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A temporary folder beside `target` that takes its place when the block ends well.

    A failed or killed run leaves what was there as it was. Two runs at once each write their own; the one that ends
    last stays. Refuses to replace a folder that is no run of ours.

    Parameters
    ----------
    target
        The folder to write; its parents are made.

    Raises
    ------
    CorridorError
        For a folder that is no run of ours, and where there is no room or permission to write.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> out = Path(mkdtemp()) / "out"
    >>> with whole_folder(out) as folder:
    ...     _ = (folder / "run.json").write_text("{}")
    >>> [path.name for path in out.iterdir()]
    ['run.json']
    """
    target = target.resolve()
    check_target(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with locked(target.parent):
            _sweep(target)
            temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}-", suffix=PARTIAL, dir=target.parent))
            held = _lock(temporary, wait=False)
    except OSError as error:
        what, expected = f"cannot be written ({error.strerror})", "a folder that can be written"
        raise CorridorError.at(str(target), what, expected, "choose another --out") from None
    try:
        with writing(target, CHOOSE_FOLDER, "; earlier output is as it was"):
            yield temporary
            temporary.chmod(0o755)
            with locked(target.parent):
                _refuse_others(target)
                _swap(temporary, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if held is not None:
            os.close(held)


@contextlib.contextmanager
def whole_folder_new(target: Path) -> Iterator[Path]:
    """As :func:`whole_folder`, for a folder that must be new or empty: what somebody works in is never replaced.

    Raises
    ------
    CorridorError
        Where `target` is a file or holds anything, and as :func:`whole_folder`.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CorridorError.at(
            str(target), "exists and is not empty", "a new folder, or an empty one", "choose another"
        )
    with whole_folder(target) as folder:
        yield folder


def _sweep(target: Path) -> None:
    """Remove what killed runs left beside `target`, and put back earlier output that one had moved aside.

    A run holds the lock of its temporary folder until it ends, however it ends: what can be locked is left over.
    """
    ours = re.compile(rf"\.{re.escape(target.name)}-(old-)?[a-z0-9_]{{8}}{re.escape(PARTIAL)}")
    found = [
        p for p in target.parent.iterdir() if ours.fullmatch(p.name) and p.is_dir() and not p.is_symlink()
    ]
    for folder in sorted(found):
        handle = _lock(folder, wait=False)
        if handle is None:
            continue
        if "-old-" in folder.name[len(target.name) :] and not target.exists():
            folder.rename(target)
        else:
            shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def _swap(new: Path, target: Path) -> None:
    """Put `new` in the place of `target`: what is there is moved aside, and back again where `new` cannot follow.

    Between the two renames `target` is missing. A run killed there leaves it aside, where :func:`_sweep` finds it.
    """
    if not target.exists():
        new.rename(target)
        return
    old = new.with_name(new.name.replace(f".{target.name}-", f".{target.name}-old-", 1))
    target.rename(old)
    try:
        new.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


@contextlib.contextmanager
def writing(path: Path, remedy: str, after: str = "") -> Iterator[None]:
    """Turn a failure of the system to write into a :class:`CorridorError`.

    Parameters
    ----------
    path
        What is written, for messages.
    remedy
        What to do.
    after
        What the failure leaves behind, put after the message.

    Raises
    ------
    CorridorError
        For an ``OSError`` in the block, with what the system said.
    """
    try:
        yield
    except OSError as error:
        what = f"could not be written ({error.strerror}){after}"
        raise CorridorError.at(str(path), what, "room and permission to write", remedy) from None


@contextlib.contextmanager
def library_writes(*faults: type[Exception]) -> Iterator[None]:
    """Turn what a library says of a file that it cannot write into an ``OSError``, with its words.

    Libraries for maps and databases have exceptions of their own for a disk that is full.

    Parameters
    ----------
    faults
        Those exceptions.

    Raises
    ------
    OSError
        For one of `faults` in the block.
    """
    try:
        yield
    except faults as fault:
        raise OSError(errno.EIO, str(fault).partition("\n")[0]) from fault


OWN = 0o600
"""Of a file that its owner alone may read: as a temporary file is made."""


def write_whole(path: Path, *parts: bytes | memoryview, mode: int = 0o644) -> None:
    """Write one file whole or not at all: nobody ever reads half of it.

    Parameters
    ----------
    path
        In an existing folder; what is there is replaced.
    *parts
        The whole content, one part after another.
    mode
        Who may read it.

    Raises
    ------
    OSError
        Where it cannot be written; what was there is as it was.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(parts)
        if mode != OWN:  # as the file is made; some file systems refuse to be asked
            Path(name).chmod(mode)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
