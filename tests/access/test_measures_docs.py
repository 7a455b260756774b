"""The example of the documentation runs and prints what it states; the page and the public names agree."""

from __future__ import annotations

import re

import pytest

from corridor.access import measures
from tests.paths import ROOT

TEXT = (ROOT / "docs" / "measures.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)[0]
STATED = [line.partition("  # ")[2] for line in EXAMPLE.splitlines() if line.startswith("print(")]
HERE = re.findall(r"`(\w+)[`(]", re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL))
RECORDS = {"Availability", "Catchment", "Impedance", "Poverty", "Saved", "TheilParts", "TravelMatrix"}


def test_the_example_prints_what_it_states(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(STATED) > 10 and all(STATED)
    exec(compile(EXAMPLE, "docs/measures.md", "exec"), {})
    assert capsys.readouterr().out.splitlines() == STATED


def test_every_function_of_the_tables_is_public() -> None:
    tables = TEXT.split("## The same in other libraries")[0].split("## The measures")[1]
    rows = [line.split("|") for line in tables.splitlines() if line.startswith("|")]
    named = {name for row in rows for name in re.findall(r"`(\w+)[`(]", "".join(row[1:3]))}
    assert named - {"t", "O", "S", "P", "f"} <= set(measures.__all__)
    assert len(named) > 25


@pytest.mark.parametrize("name", sorted(set(measures.__all__) - RECORDS))
def test_every_public_function_is_on_the_page(name: str) -> None:
    assert callable(getattr(measures, name))
    assert name in HERE, "docs/measures.md does not name it"
