"""Content-addressed cache of results.

A key is a hash of every input and of the program itself, so nothing kept is ever out of date: it is found or it is not.
Files are in the user's cache folder, or in the folder that ``CORRIDOR_CACHE`` names; ``CORRIDOR_CACHE=off`` keeps nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Protocol, TypeVar

from corridor.core.packing import pack, unpack

T = TypeVar("T")


class Known(Protocol):
    """Gives a stage on the way to a result: as it was kept, or made now."""

    def __call__(self, kind: type[T], stage: str, depends_on: Sequence[str], make: Callable[[], T]) -> T:
        """The value of a stage.

        Parameters
        ----------
        kind
            The type of its value; a record that :mod:`corridor.core.packing` takes.
        stage
            Its name.
        depends_on
            What it depends on besides the layers, the program and its libraries.
        make
            Makes the value; what it raises is raised again the next time.
        """
        ...


def made(kind: type[T], stage: str, depends_on: Sequence[str], make: Callable[[], T]) -> T:
    """Make every stage, and keep none: a :class:`Known`."""
    return make()


LIMIT_BYTES = 512 * 2**20
_DIGEST_BYTES = 32
_AS_IT_IS = (
    os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
)
"""Opened without following a link and without waiting at a pipe."""
_LIBRARIES = (
    "numpy", "scipy", "pandas", "geopandas", "shapely", "pyproj", "rasterio", "exactextract", "numba", "pyarrow",
)  # fmt: skip
"""What results depend on; PyArrow holds the texts of tables."""


@dataclass(frozen=True)
class Kept:
    """Values on disk, each in a file of its own: the hash of the rest, then the value packed
    (:mod:`corridor.core.packing`).

    Parameters
    ----------
    folder
        Where they are; None keeps nothing.
    limit_bytes
        What the folder may hold; what was not used for longest goes first.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> kept = Kept(Path(mkdtemp()))
    >>> kept.put("a", [1, 2])
    >>> kept.get("a", list)
    [1, 2]
    """

    folder: Path | None
    limit_bytes: int = LIMIT_BYTES

    @classmethod
    def of_user(cls) -> Kept:
        """The cache of this user.

        ``CORRIDOR_CACHE`` may name its folder, or turn it off (``off``, ``0`` or ``no``); otherwise it is in the user's cache
        folder.
        """
        wanted = os.environ.get("CORRIDOR_CACHE", "")
        if wanted.lower() in {"off", "0", "no"}:
            return cls(None)
        return cls(Path(wanted) if wanted else cache_folder())

    def get(self, key: str, kind: type[T]) -> T | None:
        """The value of a key; None where none of this type is kept, or what is there is not what was written.

        Parameters
        ----------
        key
            A hash, as :func:`key_of` makes it.
        kind
            The type that the value must have; for a record, the class.

        Returns
        -------
        T or None
            The value. What is damaged, or belongs to somebody else, is passed over with a warning.
        """
        path = self._path(key)
        if path is None or not os.path.lexists(path):
            return None
        try:
            data = memoryview(self._read(path))
            if hashlib.sha256(data[_DIGEST_BYTES:]).digest() != data[:_DIGEST_BYTES]:
                raise ValueError("it is not what was written")
            found = unpack(data[_DIGEST_BYTES:], kind)
            if not isinstance(found, kind):
                raise ValueError(f"a {type(found).__name__} where a {kind.__name__} was kept")
            os.utime(path)
        except (OSError, ValueError) as error:
            warnings.warn(f"{path} is left aside: {error}", RuntimeWarning, stacklevel=2)
            return None
        return found

    def put(self, key: str, value: object) -> None:
        """Keep a value; what cannot be packed, a full disk or a folder that cannot be written keeps nothing.

        Parameters
        ----------
        key
            A hash, as :func:`key_of` makes it.
        value
            Anything that :func:`corridor.core.packing.pack` takes.
        """
        path = self._path(key)
        if path is None:
            return
        try:
            data = pack(value, type(value))
        except TypeError as error:
            warnings.warn(f"{path} is not kept: {error}", RuntimeWarning, stacklevel=2)
            return
        with contextlib.suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # renamed when it is whole: another run never reads half a value
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(hashlib.sha256(data).digest() + data)
                Path(name).replace(path)
            finally:
                Path(name).unlink(missing_ok=True)
            self._make_room(path)

    def _read(self, path: Path) -> bytes:
        """The bytes of a plain file of the user's own, as far as the folder may hold them."""
        with os.fdopen(os.open(path, _AS_IT_IS), "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise ValueError("it is not a plain file")
            if hasattr(os, "getuid") and about.st_uid != os.getuid():
                raise ValueError("it belongs to someone else")
            if about.st_size > self.limit_bytes:
                raise ValueError(f"it has {about.st_size} bytes, {self.limit_bytes} at most are kept")
            return file.read(about.st_size)

    def _path(self, key: str) -> Path | None:
        return self.folder / f"{key}.kept" if self.folder else None

    def _make_room(self, latest: Path) -> None:
        """Remove what was not used for longest, beyond the limit."""
        files = sorted(latest.parent.glob("*.kept"), key=lambda f: f.stat().st_mtime, reverse=True)
        total = 0
        for file in files:
            total += file.stat().st_size
            if total > self.limit_bytes and file != latest:
                file.unlink(missing_ok=True)


def key_of(parts: Iterable[str | bytes]) -> str:
    """A hash of some inputs and of the program.

    Parameters
    ----------
    parts
        Texts and bytes in order; ["ab", "c"] and ["a", "bc"] differ.

    Returns
    -------
    str
        64 hexadecimal digits. Another version of the program or of a library gives another key.
    """
    digest = hashlib.sha256(program_hash().encode())
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


@lru_cache(maxsize=1)
def program_hash() -> str:
    """A hash of the package's source and of the versions of Python and the libraries that results depend on.

    Worked out once a process: code that changes while it runs is not noticed.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    folder = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256(" ".join([sys.version, *(f"{n} {_version(n)}" for n in _LIBRARIES)]).encode())
    for path in sorted(folder.rglob("*.py")):
        digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return "not installed"


def cache_folder(name: str = "") -> Path:
    """A folder for what can be made again, where the system keeps caches.

    Parameters
    ----------
    name
        A folder inside that of the program; empty for that folder itself.

    Returns
    -------
    pathlib.Path
        Under LOCALAPPDATA on Windows, ~/Library/Caches on macOS, else XDG_CACHE_HOME or ~/.cache. It need not exist.
    """
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "corridor" / name
