"""What libraries and the system raise on broken files and full disks, as errors that say what to do."""

from __future__ import annotations

import contextlib
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from corridor.core.errors import CorridorError, LayerError, first_line

BROKEN_ARCHIVE = (
    OSError, EOFError, RuntimeError, NotImplementedError, ValueError, zipfile.BadZipFile, zlib.error, lzma.LZMAError,
)  # fmt: skip
"""What unpacking a damaged archive raises; RuntimeError for one with a password or an unknown way of packing."""


@contextlib.contextmanager
def reading(
    where: str,
    expected: str,
    remedy: str = "export it again",
    faults: tuple[type[Exception], ...] = (Exception,),
    what: str = "cannot be read",
) -> Iterator[None]:
    """Turn what a library raises on a damaged file into a :class:`LayerError`; our own errors pass as they are."""
    caught: tuple[type[Exception], ...] = (MemoryError, *faults)
    try:
        yield
    except CorridorError:
        raise
    except caught as error:
        raise LayerError.at(where, f"{what} ({first_line(error)})", expected, remedy) from None


@contextlib.contextmanager
def writing(path: Path, remedy: str, after: str = "") -> Iterator[None]:
    """Turn a failure of the system to write into a :class:`CorridorError`."""
    try:
        yield
    except OSError as error:
        what = f"could not be written ({error.strerror}){after}"
        raise CorridorError.at(str(path), what, "room and permission to write", remedy) from None
