"""YAML is read alike by libyaml and by PyYAML's own parser, with the same lines and the same messages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from corridor.core.errors import ScenarioError
from corridor.schema import yaml_source
from corridor.schema.yaml_source import read_yaml
from tests.paths import ROOT

SHIPPED = sorted([*(ROOT / "scenarios").rglob("*.yaml"), *(ROOT / "layers").rglob("*.yaml")])
ODD = (
    "a: 1\n",
    "a:\n  - b: [1, 2.5, {c: d}]\n    e: |\n      text\n      more\n\n  -\n",
    "a: 'it''s'\nb: \"x\\u00e9\\ty\"\nc: >-\n  folded\n  text\n",
    "a: b\na: c\n",
    "a: &x 1\nb: *x\n",
    "a: !!python/object:os.system x\n",
    "a: ! \nb: !foo 2\n",
    "a:\tb\n",
    "a: b\t\n",
    "a: b # Who\tgains?\n",
    "a: {b: Who gains?}\n",
    "a: {b: Who,\n  gains?: c}\n",
    "? a\n: b\n",
    "? a: b\n",
    "k: |#\n  text\n",
    "%YAML 1.1#\n---\na: b\n",
    "%YAML 1.1\n---\na: b\n...\n",
    "a:\n\ufeff b: c\n",
    "\ufeffa: b\n",
    "a: [1, 2\nb: 3\n",
    "a: b: c\n",
    "a: 'open\n",
    "- a\nb: c\n",
    "a: @b\n",
    "a: \x07\n",
    "a: 2024-13-45\nb: 06:00\nc: 1e500\n",
    "---\na: b\n---\nc: d\n",
    "",
    "# nothing\n",
)


def outcome(path: Path) -> object:
    """What a file holds, with its lines; or what is said of it."""
    try:
        source = read_yaml(path, ScenarioError)
    except ScenarioError as error:
        return str(error)
    return source.data, source.lines


@pytest.fixture
def by_own_parser(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], object]:
    """As it is where PyYAML was built without libyaml."""

    def read(path: Path) -> object:
        yaml_source._composed.cache_clear()
        with monkeypatch.context() as patch:
            patch.setattr(yaml_source, "_FAST", yaml.SafeLoader)
            found = outcome(path)
        yaml_source._composed.cache_clear()
        return found

    return read


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.name)
def test_shipped_files(path: Path, by_own_parser: Callable[[Path], object]) -> None:
    """None of them needs the slow parser."""
    assert not yaml_source._PURE_ONLY.search(path.read_text(encoding="utf-8"))
    assert outcome(path) == by_own_parser(path)


@pytest.mark.parametrize("text", ODD)
def test_odd_texts(text: str, tmp_path: Path, by_own_parser: Callable[[Path], object]) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    assert repr(outcome(path)) == repr(by_own_parser(path))


def test_blocks_in_one_another_are_read_or_refused_and_nothing_breaks(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("".join(" " * n + "a:\n" for n in range(900)), encoding="utf-8")
    assert "nested too deeply" in str(outcome(path))
