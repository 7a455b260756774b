"""Kept draws stay readable where words change, and not where figures may."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from corridor.core import paths
from corridor.study.compare import wanted
from corridor.study.ensemble.ensemble import task_of
from corridor.study.ensemble.run import asked_of
from corridor.study.ensemble.store import as_json, differing
from corridor.study.study import Study
from tests.zhuhai_macao import make_study

TABLE = (
    pd.read_csv(paths.layers_dir() / "assumptions.csv").set_index("assumption_id").loc[["fares", "build_out"]]
)


def asked(home: Path, table: pd.DataFrame, before: str = "", after: str = "") -> dict[str, object]:
    """What a study asks with a table of assumptions, and with a text of its scenario files replaced."""
    make_study(home, {"assumptions.csv": table.assign(correlated_with="").to_csv()})
    for path in (home / "scenarios").glob("*.yaml"):
        path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    study = Study.open(home)
    found: dict[str, object] = asked_of(task_of(study, wanted(study, [], []), 10))
    return found


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    return asked(tmp_path_factory.mktemp("before") / "zhuhai-macao", TABLE)


def test_titles_reasons_and_sources_of_assumptions_do_not_count(
    before: dict[str, object], tmp_path: Path
) -> None:
    words = TABLE.assign(title_en="other", reason="other", source="assumption", confidence="M")
    assert differing(before, asked(tmp_path / "zhuhai-macao", words)) == []


def test_figures_of_assumptions_count(before: dict[str, object], tmp_path: Path) -> None:
    assert differing(before, asked(tmp_path / "zhuhai-macao", TABLE.assign(high=1.5))) == ["assumptions"]


def test_the_title_of_a_scenario_does_not_count_and_what_it_builds_does(
    before: dict[str, object], tmp_path: Path
) -> None:
    words = asked(tmp_path / "words" / "zhuhai-macao", TABLE, "With the link", "With another title")
    assert differing(before, words) == []
    later = asked(tmp_path / "later" / "zhuhai-macao", TABLE, "date: 2035-12-31", "date: 2036-12-31")
    assert differing(before, later) == ["scenario files"]


def test_draws_kept_are_found_again_by_what_is_written(before: dict[str, object]) -> None:
    assert differing(before, json.loads(as_json(before))) == []
