"""An ensemble's folder read again: what is none, too short or of another program is named, and nothing is drawn."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from corridor.core.errors import CorridorError
from corridor.study.compare import wanted
from corridor.study.ensemble.ensemble import reopen, task_of
from corridor.study.ensemble.run import NO_DRAW, asked_of
from corridor.study.ensemble.store import Store
from corridor.study.study import Study


@pytest.fixture(scope="module")
def study() -> Study:
    return Study.bundled()


def test_a_folder_that_is_none_is_named(study: Study, tmp_path: Path) -> None:
    with pytest.raises(CorridorError, match="is not the folder of an ensemble") as caught:
        reopen(study, tmp_path)
    assert "corridor ensemble --out" in str(caught.value)


def test_draws_of_another_program_and_too_few_are_named(study: Study, tmp_path: Path) -> None:
    asked = asked_of(task_of(study, wanted(study, ["western-2035"]), 12))
    Store.begin(tmp_path / "old", asked | {"program": "of long ago"})
    with pytest.raises(CorridorError, match="draws of another question: other program"):
        reopen(study, tmp_path / "old")
    store = Store.begin(tmp_path / "few", asked)
    frame = pd.DataFrame({"jobs": [1.0]}, index=pd.Index(["western-2035"], name="scenario_id"))
    for index in (NO_DRAW, *range(9)):
        store.put(index, frame)
    with pytest.raises(CorridorError, match="has 9 draws"):
        reopen(study, tmp_path / "few")


@pytest.mark.parametrize("asked", [{}, {"scenarios": 3, "draws": "many", "seed": None}])
def test_a_damaged_question_is_an_error_and_no_traceback(
    study: Study, tmp_path: Path, asked: dict[str, object]
) -> None:
    Store.begin(tmp_path / "bad", asked)
    with pytest.raises(CorridorError):
        reopen(study, tmp_path / "bad")
