"""Habitat quality: wrong tables, sources and footprints are named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from corridor.core.errors import LayerError, MissingColumnError
from corridor.ecology.quality.model import QualityModel, Threat, habitat_quality
from corridor.ecology.quality.quality import (
    assess_quality,
    quality_reference,
    threat_sources,
)
from tests.quality_factory import (
    CLASSES,
    PONDS,
    RAIL,
    grid_of,
    model,
    one_source,
    reference,
    works,
)

THREATS = pd.DataFrame(
    {
        "threat_id": ["rail", "town"],
        "decay": ["linear", "exponential"],
        "weight_low": [0.3, 0.8],
        "weight": [0.6, 1.0],
        "weight_high": [1.0, 1.0],
        "max_distance_low_m": [100, 200],
        "max_distance_m": [300, 400],
        "max_distance_high_m": [500, 600],
        "habitats": [None, "town"],
        "land_use_codes": ["41 42", None],
        "works": ["operation", "take"],
    }
)
SENSITIVITY = pd.DataFrame(
    {
        "habitat_id": ["pond", "wood", "town"],
        "suitability": [1, 0.9, 0],
        "rail": [0.5, 0.7, 0],
        "town": [0.9, 0.8, 0],
    }
)


def test_tables_become_a_model_and_the_case_moves_what_works_bring() -> None:
    m = QualityModel.from_tables(THREATS, SENSITIVITY, CLASSES)
    assert m.threats[0] == Threat("rail", 0.6, 300, "linear", (), (41, 42), "operation")
    assert m.sensitivity[1, 2] == 0.8 and m.suitability[1] == 1
    high = QualityModel.from_tables(THREATS, SENSITIVITY, CLASSES, "high").threats
    assert [(t.weight, t.max_distance_m) for t in high] == [(1.0, 500), (1.0, 400)]
    named = QualityModel.from_tables(THREATS, SENSITIVITY, CLASSES, {"town": "low"}).threats
    assert [(t.weight, t.max_distance_m) for t in named] == [(0.6, 300), (0.8, 200)]


def test_every_wrong_value_of_both_tables_is_named_at_once() -> None:
    threats = THREATS.assign(max_distance_m=[0, 400], weight=[-1.0, 1.0], decay=["cubic", "linear"])
    sensitivity = SENSITIVITY.assign(rail=[1.2, 0.7, 0], suitability=[1, -0.1, 0])
    with pytest.raises(LayerError) as caught:
        QualityModel.from_tables(threats, sensitivity, CLASSES)
    text = str(caught.value)
    for part in (
        "max_distance_m 0",
        "weight -1",
        "'cubic'",
        "rail 1.2",
        "suitability -0.1",
        "sensitivity, pond",
    ):
        assert part in text


def test_text_for_a_number_is_named() -> None:
    with pytest.raises(LayerError, match="threats, rail: weight nan"):
        QualityModel.from_tables(THREATS.assign(weight=["heavy", "1"]), SENSITIVITY, CLASSES)


def test_a_threat_without_a_column_is_named() -> None:
    with pytest.raises(MissingColumnError, match="no column town"):
        QualityModel.from_tables(THREATS, SENSITIVITY.drop(columns="town"), CLASSES)
    with pytest.raises(MissingColumnError, match="max_distance_m"):
        QualityModel.from_tables(THREATS.drop(columns="max_distance_m"), SENSITIVITY, CLASSES)


def test_a_habitat_without_a_row_is_named_with_the_file_and_what_to_do() -> None:
    m = QualityModel.from_tables(THREATS, SENSITIVITY[:1], CLASSES)
    grid = grid_of(np.array([[1, 2]], dtype=np.uint8))
    with pytest.raises(LayerError, match=r"code 2 \(wood\) .*sensitivity\.csv"):
        quality_reference(grid, m, dict.fromkeys(("rail", "town"), np.zeros((1, 2), dtype=bool)))


def test_sources_that_cannot_be_found_are_an_error_not_harmless() -> None:
    m = QualityModel.from_tables(THREATS, SENSITIVITY, CLASSES)
    grid = grid_of(np.array([[1, 2]], dtype=np.uint8))
    with pytest.raises(LayerError, match="no land use map"):
        threat_sources(grid, m)
    with pytest.raises(LayerError, match="threat town: no source cells"):
        habitat_quality(grid.codes, {"rail": np.zeros((1, 2), dtype=bool)}, 100.0, m)
    with pytest.raises(LayerError, match=r"shape \(3, 3\)"):
        habitat_quality(
            grid.codes,
            {"rail": np.zeros((3, 3), dtype=bool), "town": np.zeros((1, 2), dtype=bool)},
            100.0,
            m,
        )


def test_no_threat_anywhere_asks_for_k() -> None:
    m = model(RAIL, k=None)
    with pytest.raises(LayerError, match="half_saturation"):
        habitat_quality(PONDS, {"rail": np.zeros((5, 5), dtype=bool)}, 100.0, m)


def test_access_outside_its_range_is_an_error() -> None:
    with pytest.raises(LayerError, match="accessibility"):
        habitat_quality(PONDS, {"rail": one_source()}, 100.0, model(RAIL), access=np.full((5, 5), 1.5))


def test_footprint_in_degrees_is_an_error() -> None:
    prints = works(("shade", True, (0, -100, 100, 0))).to_crs(4326)
    with pytest.raises(LayerError, match="4547"):
        assess_quality(reference(PONDS), prints)
