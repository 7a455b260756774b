"""Content-addressed cache of results.

A key is a hash of every input and of the program itself, so nothing kept is ever out of date: it is found or it is not.
Files are in the user's cache folder, or in the folder that ``CORRIDOR_CACHE`` names; ``CORRIDOR_CACHE=off`` keeps nothing.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import shutil
import stat
import sys
import tempfile
import warnings
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path, PurePath
from typing import TypeVar, get_origin

from corridor.core.output import OWN, write_whole
from corridor.core.packing import parts_of, unpack

T = TypeVar("T")


LIMIT_BYTES = 2 * 2**30
"""The stages of the shipped comparison and its written files take 0.6 GB; some edits of it fit beside them."""
_DIGEST_BYTES = 32
_AS_IT_IS = (
    os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
)
"""Opened without following a link and without waiting at a pipe."""
_LIBRARIES = (
    "corridor", "numpy", "scipy", "pandas", "geopandas", "shapely", "pyproj", "rasterio", "pyogrio", "exactextract", "numba",
    "networkx", "pyarrow", "folium", "matplotlib",
)  # fmt: skip
"""What results, and the files written of them, depend on; PyArrow holds the texts of tables."""


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
            The type that the value must have; for a record, the class. A tuple may say of what: ``tuple[int, str]``.

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
            expected = get_origin(kind) or kind
            if not isinstance(found, expected):
                raise ValueError(f"a {type(found).__name__} where a {expected.__name__} was kept")
            os.utime(path)
        except (OSError, ValueError) as error:
            warnings.warn(f"{path} is left aside: {error}", RuntimeWarning, stacklevel=2)
            return None
        return found

    def mark(self, key: str) -> str | None:
        """The hash of what is kept under a key, without reading all of it; None where nothing is.

        Returns
        -------
        str or None
            64 hexadecimal digits, those that :func:`mark_of` gives the packed value. Whether the rest of the file is
            what was written shows when it is read.
        """
        path = self._path(key)
        if path is None or not os.path.lexists(path):
            return None
        try:
            mark = self._read(path, _DIGEST_BYTES)
            os.utime(path)
        except (OSError, ValueError):
            return None  # reading all of it says why
        return mark.hex() if len(mark) == _DIGEST_BYTES else None

    def put(self, key: str, value: object, kind: object = None) -> str | None:
        """Keep a value; what cannot be packed, a full disk or a folder that cannot be written keeps nothing.

        Parameters
        ----------
        key
            A hash, as :func:`key_of` makes it.
        value
            Anything that :func:`corridor.core.packing.pack` takes.
        kind
            The type that :meth:`get` will be given, where it says more than that of the value, as ``tuple[int, str]``.

        Returns
        -------
        str or None
            The hash of the packed value (:func:`mark_of`); None where it was not packed.
        """
        path = self._path(key)
        if path is None:
            return None
        try:
            parts = parts_of(value, kind or type(value))
        except TypeError as error:
            warnings.warn(f"{path} is not kept: {error}", RuntimeWarning, stacklevel=2)
            return None
        mark = mark_of(*parts)
        with contextlib.suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(path, bytes.fromhex(mark), *parts, mode=OWN)
            self._make_room(path)
        return mark

    def _read(self, path: Path, most: int | None = None) -> bytes:
        """The bytes of a plain file of the user's own, as far as the folder may hold them; the first `most`, or all."""
        with os.fdopen(os.open(path, _AS_IT_IS), "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise ValueError("it is not a plain file")
            if hasattr(os, "getuid") and about.st_uid != os.getuid():
                raise ValueError("it belongs to someone else")
            if about.st_size > self.limit_bytes:
                raise ValueError(f"it has {about.st_size} bytes, {self.limit_bytes} at most are kept")
            return file.read(about.st_size if most is None else most)

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


@dataclass(frozen=True)
class Known:
    """Parts of a work, kept under what the whole of it depends on.

    Attributes
    ----------
    kept
        Gives where they are kept.
    key
        A hash of what the whole depends on, as :func:`key_of` makes it.
    """

    kept: Callable[[], Kept]
    key: str = ""

    def __call__(self, kind: type[T], part: str, depends_on: Sequence[str], make: Callable[[], T]) -> T:
        """A part, as it was kept or made now.

        Parameters
        ----------
        kind
            The type of its value; a record that :mod:`corridor.core.packing` takes.
        part
            Its name.
        depends_on
            What it depends on besides what the whole depends on.
        make
            Makes the value; what it raises is raised again the next time.
        """
        kept = self.kept()
        if kept.folder is None:
            return make()
        key = key_of([self.key, part, *depends_on])
        if (found := kept.get(key, kind)) is None:
            kept.put(key, found := make(), kind)
        return found

    def last(self, kind: type[T], part: str, depends_on: Sequence[str]) -> T | None:
        """The last value of a part that has many, from which another can start: each says itself what it was made from.

        Parameters
        ----------
        kind, part, depends_on
            As above; what all values of the part depend on.
        """
        return self.kept().get(key_of([self.key, part, *depends_on]), kind)

    def put_last(self, value: object, part: str, depends_on: Sequence[str]) -> None:
        """Keep a value for :meth:`last`, in place of the one before."""
        self.kept().put(key_of([self.key, part, *depends_on]), value)


made = Known(lambda: Kept(None))
"""Makes every part, and keeps none."""


def mark_of(*parts: bytes | memoryview) -> str:
    """The hash of a packed value, whole or in parts: equal values have the same, whatever they were made from."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


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
    """A hash of every file of the package (source, words, templates) and of the versions of Python and the libraries.

    Worked out once a process: code that changes while it runs is not noticed.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    return hashlib.sha256(
        f"{versions()} {folder_hash(Path(__file__).resolve().parents[1])}".encode()
    ).hexdigest()


def versions(without: Collection[str] = ()) -> str:
    """Python and the libraries that results depend on, with their versions; those in `without` left out."""
    return " ".join(
        [sys.version, *(f"{name} {_version(name)}" for name in _LIBRARIES if name not in without)]
    )


def folder_hash(folder: Path, counts: Callable[[PurePath], bool] = lambda _: True) -> str:
    """A hash of the names and bytes of all files of a folder, but for what Python and Numba compile of them.

    Parameters
    ----------
    folder
        The folder.
    counts
        Whether a file counts, by its path inside the folder.
    """
    digest = hashlib.sha256()
    found = (p for p in folder.rglob("*") if "__pycache__" not in p.parts and p.is_file())
    for path in sorted(found):
        inside = path.relative_to(folder)
        if counts(inside):
            data = path.read_bytes()
            digest.update(f"{inside.as_posix()} {len(data)} ".encode() + data)
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
        Under LOCALAPPDATA on Windows, ~/Library/Caches on macOS, else XDG_CACHE_HOME or ~/.cache. It need not exist. For a user
        without a home (in a container, say) a folder of this run alone.
    """
    with contextlib.suppress(RuntimeError):  # what Path.home() raises without one
        return _home_of_caches() / "corridor" / name
    return _of_this_run() / name


def _home_of_caches() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


@lru_cache
def _of_this_run() -> Path:
    """A folder that no other user can have made, since what is compiled is read back from it; it goes with the run."""
    folder = Path(tempfile.mkdtemp(prefix="corridor-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
