"""The page of nodes, where a figure is missing."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd

from corridor.schema.text import Text
from corridor.web.nodes import _access


def test_a_node_of_which_nothing_is_known_has_its_row() -> None:
    figures = {("a", "now"): 100.0, ("a", "then"): 300.0, ("b", "now"): np.nan, ("b", "then"): np.nan}
    access = pd.Series(figures, name="jobs_60").rename_axis(["node_id", "scenario_id"]).reset_index()
    nodes = SimpleNamespace(
        access=access,
        scenario_ids=["now", "then"],
        nodes=[SimpleNamespace(node_id=i, name=Text(en=i.upper())) for i in "ab"],
    )
    rows = {name.en: cells for name, cells in _access(nodes, "jobs_60")}  # type: ignore[arg-type]
    assert [str(cell.figure) for cell in rows["A"]] == ["100", "300"]
    assert rows["A"][1].small[0][1] == "+200"
    assert [str(cell.figure) for cell in rows["B"]] == ["not assessed", "not assessed"]
