"""What is kept on disk: found again whole, or not at all."""

from __future__ import annotations

import hashlib
import os
import pickle
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from corridor.access.reach.reach import Reach
from corridor.core.cache import Kept, key_of, program_hash
from corridor.core.packing import pack
from corridor.study.compare import compare
from corridor.study.run import Result
from corridor.study.study import Study

if TYPE_CHECKING:
    from corridor.study.compare import Comparison

EMPTY = Reach("08:30", (30,), np.zeros((1, 1, 1), dtype=np.float32))


def test_what_is_put_is_found(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "new" / "folder")
    assert kept.get("a", dict) is None
    kept.put("a", {"x": 1})
    assert kept.get("a", dict) == {"x": 1}
    assert kept.get("b", dict) is None
    assert [p.name for p in (tmp_path / "new" / "folder").iterdir()] == ["a.kept"]


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 100])
def test_a_damaged_file_is_left_aside_with_a_word(tmp_path: Path, damage: bytes) -> None:
    kept = Kept(tmp_path)
    kept.put("a", 1)
    (tmp_path / "a.kept").write_bytes(damage)
    with pytest.warns(RuntimeWarning, match=r"a\.kept is left aside"):
        assert kept.get("a", int) is None
    kept.put("a", 2)
    assert kept.get("a", int) == 2


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.put("a", list(range(100)))
    data = bytearray((tmp_path / "a.kept").read_bytes())
    data[-5] ^= 1
    (tmp_path / "a.kept").write_bytes(data)
    with pytest.warns(RuntimeWarning, match="not what was written"):
        assert kept.get("a", list) is None


def seal(path: Path, packed: bytes) -> None:
    path.write_bytes(hashlib.sha256(packed).digest() + packed)


def test_another_type_is_left_aside(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.put("a", [1])
    with pytest.warns(RuntimeWarning, match="a list where a Result was kept"):
        assert kept.get("a", Result) is None
    kept.put("a", EMPTY)
    with pytest.warns(RuntimeWarning, match=r"not a packed value.*Reach"):
        assert kept.get("a", dict) is None  # nothing is built that the expected type does not reach
    assert kept.get("a", Reach) is not None


@pytest.mark.parametrize("left", ["a link", "a folder", "a pipe", "too large", "a pickle", "another version"])
def test_what_is_foreign_is_left_aside(tmp_path: Path, left: str) -> None:
    kept, path = Kept(tmp_path, limit_bytes=10_000), tmp_path / "a.kept"
    kept.put("a", [1])
    if left == "a link":
        path.rename(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
    elif left == "a folder":
        path.unlink()
        path.mkdir()
    elif left == "a pipe":
        path.unlink()
        os.mkfifo(path)  # opening it must not wait for a writer
    elif left == "too large":
        path.write_bytes(bytes(10_001))
    elif left == "a pickle":
        seal(path, pickle.dumps([1]))
    else:
        seal(path, pack([1], list).replace(b"corridor-1", b"corridor-2"))
    with pytest.warns(RuntimeWarning, match=r"a\.kept is left aside"):
        assert kept.get("a", list) is None


def test_what_belongs_to_someone_else_is_left_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, owner = Kept(tmp_path), os.getuid()
    kept.put("a", [1])
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    with pytest.warns(RuntimeWarning, match="belongs to someone else"):
        assert kept.get("a", list) is None


def test_what_cannot_be_packed_is_not_kept(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    with pytest.warns(RuntimeWarning, match=r"a\.kept is not kept: builtins\.object is not packed"):
        kept.put("a", [object()])
    assert list(tmp_path.iterdir()) == []


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
    assert kept.get("a", int) is None


def test_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORRIDOR_CACHE", str(tmp_path))
    assert Kept.of_user().folder == tmp_path
    monkeypatch.setenv("CORRIDOR_CACHE", "off")
    nothing = Kept.of_user()
    nothing.put("a", 1)
    assert nothing.get("a", int) is None
    monkeypatch.delenv("CORRIDOR_CACHE")
    folder = Kept.of_user().folder
    assert folder is not None and folder.name == "corridor"


def test_keys_tell_inputs_apart() -> None:
    assert key_of(["a", "b"]) == key_of(["a", b"b"])
    assert len({key_of(p) for p in (["ab"], ["a", "b"], ["b", "a"], ["a", "b", ""])}) == 4
    assert program_hash() == program_hash()


def test_a_comparison_from_kept_stages_is_the_same(
    study: Study, comparison: Comparison, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = Study(study.catalog, study.scenario_folders)
    monkeypatch.setattr("corridor.study.access.Access.at", None)  # nothing may be worked out again
    monkeypatch.setattr("corridor.study.run.assessed_beside", None)
    found = compare(again, kept=kept)
    assert found.headline.equals(comparison.headline)
    assert found.cell_values.equals(comparison.cell_values)
    assert found.hub_minutes.equals(comparison.hub_minutes)
    assert list(found.results) == list(comparison.results)
    assert all(done.kept for done in again.stages.done)


def test_the_mark_is_the_hash_of_the_content(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    assert kept.mark("a") is None
    mark = kept.put("a", (1, EMPTY), tuple[int, Reach])
    assert mark == kept.mark("a") == kept.put("b", (1, EMPTY), tuple[int, Reach])
    assert kept.get("a", tuple[int, Reach]) is not None
    (tmp_path / "a.kept").write_bytes(b"short")
    assert kept.mark("a") is None
