"""Every kind of input that is spoilt, one class for each."""

from __future__ import annotations

from tests.fuzzing.kind import Kind
from tests.fuzzing.own_files import Gtfs, Lists, OwnVectors, Rasters, Streets
from tests.fuzzing.result_files import Runs, Stories
from tests.fuzzing.study_files import Catalogues, GeoJson, Proposals, Scenarios, Tables

KINDS: tuple[type[Kind], ...] = (
    Scenarios, Proposals, Catalogues, Tables, GeoJson, Gtfs, Rasters, OwnVectors, Runs, Stories, Streets, Lists,
)  # fmt: skip
