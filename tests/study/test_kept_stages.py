"""What an earlier run kept on the way to a journey: the same answer to the last digit, and nothing that is out of date."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Never

import pytest

from corridor.core import cache, paths
from corridor.core.cache import Kept
from corridor.schema.catalog import Catalog
from corridor.study import stages
from corridor.study.files import StudyFiles
from corridor.study.study import Study

ASKED = (
    ("admiralty", "qianhai", "western-2035", "08:30"),
    ("Tuen Mun", "114.06,22.54", "baseline-2024", "21:40"),
)


def test_a_journey_is_the_same_from_what_is_kept(study: Study, tmp_path: Path) -> None:
    def said(by: Study) -> list[object]:
        groups = (None, "visitor")
        journeys = [repr(by.journey(*asked, group=group)) for asked in ASKED for group in groups]
        return [*journeys, *(by.choices(*a) for a in ASKED), *(repr(by.spread(*a, draws=50)) for a in ASKED)]

    expected, kept = said(study), Kept(tmp_path)
    assert said(Study.bundled(kept)) == expected  # made and kept
    found = Study.bundled(kept)
    assert said(found) == expected
    assert not found.stages.is_known(stages.TABLES)  # read only where a network is built


@pytest.fixture
def layers(tmp_path: Path) -> Iterator[Path]:
    """A copy of the shipped layers, to change."""
    shutil.copytree(
        paths.layers_dir(), tmp_path / "layers", ignore=shutil.ignore_patterns("build", "precedent")
    )
    yield tmp_path / "layers"


def made_again(files: StudyFiles, depends_on: str = "") -> bool:
    """Whether a stage has to be made."""
    made: list[str] = []
    files.known(str, "stage", [depends_on], lambda: made.append("now") or "value")  # type: ignore[func-returns-value]
    return bool(made)


def test_a_stage_is_made_again_after_each_kind_of_change(layers: Path, tmp_path: Path, monkeypatch) -> None:
    kept = Kept(tmp_path / "kept")
    catalog = Catalog.open(layers / "catalog.yaml")

    def files(catalog: Catalog = catalog) -> StudyFiles:
        return StudyFiles(catalog, (paths.scenarios_dir(),), kept=kept)

    assert [made_again(files()) for _ in range(3)] == [True, False, False]
    assert made_again(files(), "another scenario")
    for kind in ("table", "vector", "raster", "document"):
        path = catalog.file_of(next(e for e in catalog.entries if e.kind == kind))
        before = path.read_bytes()
        path.write_bytes(before + b"\n")
        assert made_again(files()), kind
        path.unlink()
        assert made_again(files()), kind
        path.write_bytes(before)
        assert not made_again(files()), kind
    first = catalog.entries[0]
    other = replace(catalog, entries=(first.model_copy(update={"crs": "EPSG:2326"}), *catalog.entries[1:]))
    assert made_again(files(other))
    monkeypatch.setattr(cache, "program_hash", lambda: "another program")
    assert made_again(files())


def test_what_fails_is_not_kept(tmp_path: Path) -> None:
    files = StudyFiles(Catalog.bundled(), (paths.scenarios_dir(),), kept=Kept(tmp_path))

    def fail() -> Never:
        raise ValueError

    for _ in range(2):
        with pytest.raises(ValueError):
            files.known(str, "stage", [], fail)
    assert made_again(files)


def test_a_scenario_in_order_is_not_built_again(cli, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("CORRIDOR_CACHE", str(tmp_path / "kept"))
    path = tmp_path / "mine.yaml"
    text = (paths.scenarios_dir() / "baseline-2024.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("id: baseline-2024", "id: mine"), encoding="utf-8")
    said = cli("scenarios", "validate", path)
    assert said.output == "mine: in order\n"

    def built(files: StudyFiles) -> Never:
        raise AssertionError("built again")

    with monkeypatch.context() as patch:
        patch.setattr(Study, "of", built)
        assert cli("scenarios", "validate", path).output == said.output
    path.write_text(
        path.read_text(encoding="utf-8") + "\nservice:\n  - {line: no-such-line}\n", encoding="utf-8"
    )
    assert cli("scenarios", "validate", path).exit_code == 1
