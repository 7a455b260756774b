"""Draws on disk: one Parquet file a draw, written whole or not at all, so that a killed ensemble goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from corridor.core.errors import CorridorError
from corridor.core.output import CHOOSE_FOLDER, write_whole, writing

ASKED = "asked.json"
DRAWS = "draws"


@dataclass(frozen=True)
class Store:
    """The folder of an ensemble.

    Attributes
    ----------
    folder
        Where ``asked.json`` says what was asked, and ``draws/`` holds a file for each draw.
    """

    folder: Path

    @classmethod
    def begin(cls, folder: Path, asked: Mapping[str, Any]) -> Store:
        """Open a folder for an ensemble, new or begun before with the same question.

        Raises
        ------
        CorridorError
            Where the folder holds anything else, or draws of another question.
        """
        store, path = cls(folder), folder / ASKED
        if path.is_file():
            before = read_asked(path)
            if other := differing(before, asked):
                what = f"holds draws of another question: other {', '.join(other)}"
                raise CorridorError.at(
                    str(folder), what, "the same question", "choose another --out, or remove it"
                )
            return store
        if folder.exists() and (not folder.is_dir() or any(map(_is_of_others, folder.iterdir()))):
            what, expected = "is not the folder of an ensemble", f"a new or empty folder, or one with {ASKED}"
            raise CorridorError.at(str(folder), what, expected, "choose another --out")
        with writing(folder, CHOOSE_FOLDER):
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, as_json(asked))
        return store

    @property
    def done(self) -> list[int]:
        """The draws that are there."""
        return sorted(int(p.stem) for p in (self.folder / DRAWS).glob("*.parquet"))

    def put(self, index: int, figures: pd.DataFrame) -> None:
        """Keep one draw: scenario by criterion."""
        path = self.folder / DRAWS / f"{index:06d}.parquet"
        with writing(path, CHOOSE_FOLDER):
            path.parent.mkdir(exist_ok=True)
            write_whole(path, figures.to_parquet())

    def draws(self) -> pd.DataFrame:
        """All draws that are there.

        Returns
        -------
        pandas.DataFrame
            Index draw, scenario_id; a column for each criterion.
        """
        frames = {i: pd.read_parquet(self.folder / DRAWS / f"{i:06d}.parquet") for i in self.done}
        return pd.concat(frames, names=["draw"])


def differing(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Names of what two questions do not share.

    Examples
    --------
    >>> differing({"program": "a", "layers": "b"}, {"program": "a", "layers": "c"})
    ['layers']
    """
    return sorted(name for name in {*before, *now} if before.get(name) != now.get(name))


def _is_of_others(path: Path) -> bool:
    """A run that was killed as it began leaves a question half written, under a hidden name."""
    return not path.name.startswith(f".{ASKED}-")


def as_json(data: Mapping[str, Any]) -> bytes:
    """A JSON file that a person can read."""
    return (json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def read_asked(path: Path) -> dict[str, Any]:
    """What the folder of an ensemble says was asked, from its :data:`ASKED`."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict):
        remedy = "choose another --out, or remove the folder"
        raise CorridorError.at(str(path), "cannot be read", "JSON that an ensemble wrote", remedy)
    return found
