"""A study with hostile texts, and what the program writes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from corridor.study.study import Study
from tests.hostile_study import hostile_study


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_study(tmp_path_factory.mktemp("hostile") / "study")


@pytest.fixture(scope="session")
def hostile(home: Path) -> Study:
    return Study.open(home)


@pytest.fixture(scope="session")
def written(hostile: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every file of a comparison and of a review but their pages, and the tables of `times` and `hours`."""
    from corridor.formats.export import write_data, write_review_data
    from corridor.study.compare import compare
    from corridor.study.conflict_report import views_of_comparison, views_of_review
    from corridor.study.review import review

    out = tmp_path_factory.mktemp("hostile")
    for name in ("compare", "review"):
        (out / name).mkdir()
    comparison, reviewed = compare(hostile, ["today", "with-link"]), review(hostile, "with-link")
    write_data(hostile, comparison, views_of_comparison(hostile, comparison), out / "compare", csv=True)
    write_review_data(hostile, reviewed, views_of_review(hostile, reviewed), out / "review")
    return out
