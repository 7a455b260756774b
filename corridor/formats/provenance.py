"""What a run was made of and with: run.json, from which ``corridor rerun`` does it again."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import corridor
from corridor.schema.catalog import sha256
from corridor.schema.scenario import Scenario
from corridor.study.comparison import Comparison
from corridor.study.demand_report import DemandReport
from corridor.study.review import Review
from corridor.study.study import Study

NOTICE = (
    "A screening aid modelled on the headings of the EIAO Technical Memorandum. "
    "It is not an environmental impact assessment and gives no statutory conclusion."
)
_PACKAGES = (
    "numpy", "pandas", "geopandas", "shapely", "pyproj", "networkx", "numba", "rasterio", "folium", "exactextract",
)  # fmt: skip


def provenance(study: Study, comparison: Comparison) -> dict[str, Any]:
    """What went into a comparison: versions, scenarios, hashes of layers, comparison file and weights, parameters.

    Returns
    -------
    dict
        Plain data, the same for the same inputs.
    """
    return _common(study, {i: r.scenario for i, r in comparison.results.items()}) | {
        "asked": {name: asdict(file) for name, file in comparison.asked.items()},
        "access_parameters": asdict(study.parameters),
        "walk_parameters": asdict(study.ground.parameters),
    }


def demand_provenance(report: DemandReport) -> dict[str, Any]:
    """What went into a demand report: versions, scenarios, hashes of layers, what was asked.

    Returns
    -------
    dict
        Plain data, the same for the same inputs; a user's own files by name and SHA-256.
    """
    study = report.demand_study.study
    scenarios = {i: study.scenario(i) for i in (report.scenario_id, report.reference_id)}
    names = ("scenario_id", "reference_id", "period", "day", "state")
    asked = {name: getattr(report, name) for name in names}
    for what, path in report.own.given.items():
        asked |= {what: path.name, f"{what}_sha256": sha256(path)}
    return _common(study, scenarios) | {"asked": asked}


def review_provenance(study: Study, reviewed: Review) -> dict[str, Any]:
    """What went into a review: versions, scenarios, hashes of layers.

    Returns
    -------
    dict
        Plain data, the same for the same inputs; `against` is None where the subject is reviewed alone.
    """
    scenarios = {side.scenario.id: side.scenario for side in reviewed.sides}
    against = reviewed.against.scenario.id if reviewed.against else None
    asked = {"scenario": reviewed.subject.scenario.id, "against": against}
    return _common(study, scenarios) | {"review": asked}


def _common(study: Study, scenarios: Mapping[str, Scenario]) -> dict[str, Any]:
    return {
        "program": {
            "corridor": corridor.__version__,
            "python": platform.python_version(),
            **{name: version(name) for name in _PACKAGES},
        },
        "scenarios": {i: scenario.model_dump(mode="json") for i, scenario in scenarios.items()},
        "layers": {
            e.id: {"path": e.path, "sha256": sha256(study.catalog.file_of(e)), "date": e.date}
            for e in study.catalog.entries
        },
        "notice": NOTICE,
    }
