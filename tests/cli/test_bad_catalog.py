"""A wrong catalogue: changed and missing files, broken entries, kinds of errors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from corridor.core import paths
from corridor.core.errors import (
    CatalogError,
    CrsError,
    GeometryError,
    LayerError,
    MissingColumnError,
)
from corridor.schema.catalog import Catalog
from tests.layer_changes import header, renamed, swapped, whole


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """A copy of one table, its catalogue with the hash."""
    from corridor.schema.catalog import sha256

    (tmp_path / "places.csv").write_bytes((paths.layers_dir() / "network/places.csv").read_bytes())
    (tmp_path / "catalog.yaml").write_text(
        "- id: places\n  role: places\n  title: {en: Places}\n  kind: table\n  path: places.csv\n"
        f"  sha256: {sha256(tmp_path / 'places.csv')}\n"
        "  date: '2026'\n  source: test\n  licence: test\n  attribution: test\n",
        encoding="utf-8",
    )
    return tmp_path / "catalog.yaml"


def test_a_changed_hash(sealed: Path) -> None:
    catalog = Catalog.open(sealed)
    assert catalog.check() == []
    path = sealed.parent / "places.csv"
    path.write_bytes(path.read_bytes()[:-100])  # cut short, or edited: the hash tells
    with pytest.raises(LayerError) as caught:
        catalog.table("places")
    text = whole(caught.value)
    assert "places.csv: checksum does not match the catalogue entry" in text and "--seal" in text


def test_a_missing_file(sealed: Path) -> None:
    (sealed.parent / "places.csv").unlink()
    (problem,) = Catalog.open(sealed).check()
    assert "places.csv is missing" in str(problem) and problem.remedy


def test_sealing_takes_the_file_as_it_is(sealed: Path) -> None:
    from corridor.schema.seal import seal

    path = sealed.parent / "places.csv"
    path.write_bytes(path.read_bytes() + b"x,X,X,X,114,22.4,hk,0,0,,1,B,test\n")
    assert seal(sealed) == 1
    assert Catalog.open(sealed).check() == []


@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        ("kind: table", "kind: [table", 5, "broken YAML"),
        ("kind: table", "kind: tabel", 4, "tabel"),
        ("role: places", "role: plaices", 2, "plaices"),
        ("path: places.csv", "path: ../places.csv", 5, "leaves the folder"),
        ("source: test", "sauce: test", None, "source"),
        ("date: '2026'", "date: '2026'\n  date: '2027'", 8, "a second time"),
    ],
)
def test_a_wrong_catalogue(sealed: Path, before: str, after: str, line: int | None, words: str) -> None:
    sealed.write_text(sealed.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        Catalog.open(sealed)
    text = whole(caught.value)
    assert words in text
    assert (f"catalog.yaml:{line}:" if line else "catalog.yaml:") in text


def test_kinds_of_errors(sealed: Path) -> None:
    path = sealed.parent / "places.csv"
    sealed.write_text(re.sub(r"  sha256: \w+\n", "", sealed.read_text(encoding="utf-8")), encoding="utf-8")
    good = path.read_bytes()
    for change, kind in (
        (renamed("lon"), MissingColumnError),
        (swapped("lon", "lat"), CrsError),
        (header, LayerError),
    ):
        path.write_bytes(change(good))
        with pytest.raises(kind):
            Catalog.open(sealed).table("places")
    assert issubclass(GeometryError, LayerError)
