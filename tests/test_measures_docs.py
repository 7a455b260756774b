"""The example of the documentation runs and says what it says; every function it names is there."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs" / "measures.md").read_text(encoding="utf-8")


def test_the_example_runs_and_gives_what_it_states(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(code, "docs/measures.md", "exec"), names)
    note = re.search(r"print\(\*times\.notes\)  # (.*)", code)
    assert note and note.group(1) == capsys.readouterr().out.splitlines()[0]
    assert names["reached"].to_numpy().tolist() == [[1000, 1400], [400, 1400], [0, 0]]  # type: ignore[attr-defined]
    assert names["soonest"][1000].to_dict() == {"east": 20, "west": 35, "north": 70}  # type: ignore[index]
    shared = names["shared"]
    # centre: 300 + 200/2 = 400 people weigh, port 300/2 + 200 = 350; 50/400 and 10/350 beds each
    assert shared.access.to_dict() == pytest.approx(  # type: ignore[attr-defined]
        {"east": 50 / 400 + 5 / 350, "west": 25 / 400 + 10 / 350, "north": 0}
    )
    assert shared.demand_left_out == 100  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", re.findall(r"`(\w+\.\w+)`", TEXT.split("## What is conserved")[0]))
def test_every_function_of_the_table_is_there(name: str) -> None:
    module, function = name.split(".")
    assert callable(getattr(importlib.import_module(f"corridor.access.{module}"), function))
