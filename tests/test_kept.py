"""What is kept on disk: found again whole, or not at all."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from corridor.comparison import compare
from corridor.kept import Kept, key_of, program_hash
from corridor.result import inputs_key, result_key
from corridor.study import Study

if TYPE_CHECKING:
    from corridor.comparison import Comparison


def test_what_is_put_is_found(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "new" / "folder")
    assert kept.get("a") is None
    kept.put("a", {"x": 1})
    assert kept.get("a") == {"x": 1}
    assert kept.get("b") is None
    assert [p.name for p in (tmp_path / "new" / "folder").iterdir()] == ["a.kept"]


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 100])
def test_a_damaged_file_is_left_aside_with_a_word(tmp_path: Path, damage: bytes) -> None:
    kept = Kept(tmp_path)
    kept.put("a", 1)
    (tmp_path / "a.kept").write_bytes(damage)
    with pytest.warns(RuntimeWarning, match=r"a\.kept is left aside"):
        assert kept.get("a") is None
    kept.put("a", 2)
    assert kept.get("a") == 2


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.put("a", list(range(100)))
    data = bytearray((tmp_path / "a.kept").read_bytes())
    data[-5] ^= 1
    (tmp_path / "a.kept").write_bytes(data)
    with pytest.warns(RuntimeWarning):
        assert kept.get("a") is None


def test_the_longest_unused_goes_first(tmp_path: Path) -> None:
    kept = Kept(tmp_path, limit_bytes=2_500)  # each file: some 1,050 bytes, so that two fit
    for age, key in enumerate("abc"):
        kept.put(key, bytes(1_000))
        os.utime(tmp_path / f"{key}.kept", (age, age))
    kept.put("d", bytes(1_000))
    assert {p.stem for p in tmp_path.iterdir()} == {"c", "d"}


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    kept = Kept(tmp_path / "file" / "folder")
    kept.put("a", 1)
    assert kept.get("a") is None


def test_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORRIDOR_CACHE", str(tmp_path))
    assert Kept.of_user().folder == tmp_path
    monkeypatch.setenv("CORRIDOR_CACHE", "off")
    nothing = Kept.of_user()
    nothing.put("a", 1)
    assert nothing.get("a") is None
    monkeypatch.delenv("CORRIDOR_CACHE")
    folder = Kept.of_user().folder
    assert folder is not None and folder.name == "corridor"


def test_keys_tell_inputs_apart() -> None:
    assert key_of(["a", "b"]) == key_of(["a", b"b"])
    assert len({key_of(p) for p in (["ab"], ["a", "b"], ["b", "a"], ["a", "b", ""])}) == 4
    assert program_hash() == program_hash()


def test_a_result_is_kept_by_scenario_and_parameters(study: Study) -> None:
    ids = ("baseline-2024", "committed-2030", "committed-2030+clearance-joint")
    inputs = inputs_key(study)
    keys = {result_key(study, i, inputs) for i in ids}
    assert len(keys) == len(ids)
    assert result_key(study, ids[0], inputs) in keys
    later = Study(study.catalog, (), replace(study.parameters, hours=("08:30",)))
    assert inputs_key(later) != inputs


def test_a_comparison_from_kept_results_is_the_same(
    study: Study, comparison: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, inputs = Kept(tmp_path), inputs_key(study)
    for scenario_id, result in comparison.results.items():
        kept.put(result_key(study, scenario_id, inputs), result)
    monkeypatch.setattr("corridor.comparison.run", None)  # nothing may be worked out again
    again = compare(study, kept=kept)
    assert again.headline.equals(comparison.headline)
    assert again.cell_values.equals(comparison.cell_values)
    assert again.hub_minutes.equals(comparison.hub_minutes)
    assert list(again.results) == list(comparison.results)
