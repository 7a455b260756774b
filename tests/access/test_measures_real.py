"""The measures on the real study: they agree with what the program counts itself, and the script on hospitals runs."""

from __future__ import annotations

import runpy
from typing import TYPE_CHECKING

import numpy as np
import pytest

from corridor.access.measures.isochrone import isochrones
from corridor.access.measures.opportunity import cumulative
from corridor.access.reach.kernels import batches
from corridor.access.search.departure import Departure
from tests.cell_seconds import seconds_between_cells
from tests.paths import ROOT

if TYPE_CHECKING:
    from corridor.study.compare import Comparison
    from corridor.study.study import Study

SCRIPT = ROOT / "scenarios" / "hospital_access.py"
CUTOFFS = (30, 60, 90)


@pytest.fixture(scope="module")
def departure(study: Study) -> Departure:
    return study.base.departure(study.network("committed-2030").compiled, 8.5 * 3600, 90 * 60.0)


def test_cumulative_counts_what_the_program_counts(
    study: Study, comparison: Comparison, departure: Departure
) -> None:
    origins = batches(study.cells)[100]
    seconds = np.rint(seconds_between_cells(departure, study.base, origins))
    reach = comparison.results["committed-2030"].reach["08:30"]
    for what in ("residents", "jobs"):
        found = cumulative(seconds / 60, np.rint(study.cells.people(what=what)), CUTOFFS)
        for cutoff in CUTOFFS:
            counted = reach.of(cutoff, what)[origins]
            np.testing.assert_allclose(counted, found[cutoff], rtol=1e-6)
            assert counted.min() > 0


def test_isochrones_of_real_cells_are_valid_and_nested(study: Study, departure: Departure) -> None:
    origins = batches(study.cells)[100][:1]
    minutes = seconds_between_cells(departure, study.base, origins)[0] / 60
    found = isochrones(study.cells.x_m, study.cells.y_m, minutes, CUTOFFS)
    assert found.is_valid.all()
    assert found["area_ha"].tolist() == [6.25 * n for n in found["cells"]]
    assert found["cells"].is_monotonic_increasing and found["cells"][0] > 0
    assert found.geometry[0].difference(found.geometry[1]).area == 0
    assert found.geometry[1].difference(found.geometry[2]).area == 0


def test_hospitals_are_shared_out(shared: Study, capsys: pytest.CaptureFixture[str]) -> None:
    done = runpy.run_path(str(SCRIPT))
    found, people, table = done["found"], done["people"], done["table"]
    # 43 hospitals among everybody: what is handed out is what is reached, and nobody is lost
    assert (found.access.to_numpy() * people).sum() == pytest.approx(43 - found.supply_left_out)
    assert table.loc["all", "population"] == people.sum().astype(int)
    assert len(table) == 19
    assert "people reach no hospital within 60 min" in capsys.readouterr().out
