"""What is spoilt, how, and to which command it is given: what every kind of input has.

A kind prepares its seeds once. For each case it writes a spoilt file and acts on it as the command line does. Where the program
takes the file, `accepted` looks at what it made of it: a number that cannot be is a fault too.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import ClassVar

import geopandas as gpd
import numpy as np
import shapely
from click.testing import CliRunner

from corridor.cli import main
from corridor.schema.catalog import Catalog
from tests.fuzzing.small_study import make_small_study


class WrongError(Exception):
    """The program took a spoilt file and made something of it that cannot be."""


def need(good: object, what: str) -> None:
    """Raise :class:`WrongError` unless `good`."""
    if not good:
        raise WrongError(what)


def command(*args: object) -> None:
    """Run a command in this process; what it raises comes out, its exit as SystemExit."""
    result = CliRunner().invoke(main, [str(a) for a in args])
    if result.exception is not None:
        raise result.exception


class Kind:
    """One kind of input. `base` is put back as it was after each case; `room` is where the spoilt file lies."""

    name: ClassVar[str]
    share: ClassVar[int]
    """Of the cases, in parts."""

    def __init__(self, home: Path, shipped: Catalog):
        self.base, self.room, self.shipped = home / "study", home / "in", shipped
        self.written: dict[str, bytes] = {}
        """Spoilt files beside the study, by name."""
        self.spoilt: dict[str, bytes] = {}
        """Spoilt files of the study itself."""
        self.room.mkdir(parents=True)
        self.base.mkdir()
        self.prepare()

    def prepare(self) -> None:
        """Make the study and the seeds."""

    def act(self, chance: Random) -> None:
        """Spoil a file and give it to the program; raises what the program raises."""
        raise NotImplementedError

    def accepted(self) -> None:
        """Look at what the program made of a file it took; raises :class:`WrongError`."""

    def put(self, name: str, data: bytes) -> Path:
        """Write the spoilt file."""
        path = self.room / name
        path.write_bytes(data)
        self.written[name] = data
        return path

    def study(self, *roles: str) -> None:
        """A small study of some roles as the base."""
        self.base.rmdir()
        make_small_study(self.base, self.shipped, roles)

    def put_in_study(self, name: str, data: bytes) -> None:
        """Spoil a file of the study itself: it is then part of what must stay as it is."""
        (self.base / name).write_bytes(data)
        self.spoilt[name] = data


def seed_texts(folder: Path, pattern: str = "*.yaml") -> dict[str, bytes]:
    """Files of a folder by name."""
    return {p.name: p.read_bytes() for p in sorted(folder.glob(pattern))}


def check_frame(frame: gpd.GeoDataFrame) -> None:
    """Shapes that are there, valid, finite and in this part of the earth."""
    need(len(frame) > 0, "no features")
    shapes = np.asarray(frame.geometry.array)
    bounds = shapely.bounds(shapes)
    west, south, east, north = 111.0, 21.0, 117.0, 25.0
    need(np.isfinite(bounds).all(), "positions that are no numbers")
    need(shapely.is_valid(shapes).all() and not shapely.is_empty(shapes).any(), "shapes that are not valid")
    need(
        (bounds[:, 0] >= west).all()
        and (bounds[:, 2] <= east).all()
        and (bounds[:, 1] >= south).all()
        and (bounds[:, 3] <= north).all(),
        "far off",
    )
