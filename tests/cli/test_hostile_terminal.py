"""Texts meant for a terminal: shown, never obeyed."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
import yaml

from corridor.cli.terminal import shown
from corridor.core.errors import CorridorError
from corridor.study.study import Study
from tests.conftest import Cli
from tests.hostile_study import TEXTS, hostile_study

OBEYED = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_study(tmp_path_factory.mktemp("hostile") / "study")


@pytest.fixture(scope="module")
def study(home: Path) -> Study:
    return Study.open(home)


def _obeyed(text: str) -> list[str]:
    return [c for c in text if c not in "\n" and unicodedata.category(c) in OBEYED]


@pytest.mark.parametrize(
    "asked",
    [
        ("layers", "list"),
        ("layers", "list", "--json"),
        ("layers", "check"),
        ("scenarios", "list"),
        ("scenarios", "list", "--json"),
        ("scenarios", "show", "with-link"),
        ("scenarios", "validate"),
        ("journey", "113.533,22.187", "113.56,22.26", "--scenario", "with-link", "--explain"),
        ("journey", "113.533,22.187", "113.56,22.26", "--scenario", "with-link", "--json"),
        ("journey", "nowhere\x1b[2J\u202e", "113.56,22.26", "--scenario", "with-link"),
        ("run", "no\x07\u202escenario"),
        ("review", "no\x07\u202escenario"),
    ],
    ids=" ".join,
)
def test_the_terminal_is_told_nothing(cli: Cli, home: Path, asked: tuple[str, ...]) -> None:
    done = cli("--study", home, *asked)
    assert not _obeyed(done.output), done.output
    assert done.exit_code in (0, 1)


def test_plain_data_on_the_terminal_is_read_back_as_it_is(cli: Cli, home: Path, study: Study) -> None:
    listed = json.loads(cli("--study", home, "layers", "list", "--json").output)
    assert [e["notes"] for e in listed] == [e.notes for e in study.catalog.entries]
    shown_ = yaml.safe_load(cli("--study", home, "scenarios", "show", "with-link").output)
    assert shown_["source"] == TEXTS


def test_signs_on_the_terminal() -> None:
    assert shown("廣深港　高鐵 – é\n·") == "廣深港　高鐵 – é\n·"
    assert shown("\x1b[2J\x07\r\x7f\x9b") == "\\u001b[2J\\u0007\\r\\u007f\\u009b"
    assert shown("a\u202eb\u2028\ufeff") == "a\\u202eb\\u2028\\ufeff"


def test_errors_are_one_line_each(home: Path) -> None:
    with pytest.raises(CorridorError) as told:
        Study.open(home).journey("a\n- b\x1b\u2028", "Gongbei", "today", "08:30")
    assert len(str(told.value).splitlines()) == 1 and not _obeyed(str(told.value))
