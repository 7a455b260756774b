"""The part of a scenario and of the parameters that a stage may read; the rest is blank."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace

from corridor.access.search.parameters import AccessParameters
from corridor.schema.scenario import Scenario
from corridor.schema.text import Text


def with_fields(scenario: Scenario, names: Iterable[str]) -> Scenario:
    """A scenario with some fields alone; the others are blank, but for where a message says a change is stated."""
    known = {*names, "places", "overruled"}
    return scenario.model_copy(
        update={name: getattr(_BLANK, name) for name in Scenario.model_fields if name not in known}
    )


_BLANK = Scenario.model_validate(
    {
        "id": "", "title": Text(en=""), "question": Text(en=""), "reference": None, "year": 0, "date": "0001-01-01",
        "counterfactual": False, "delivered_designations": (), "restored_designations": (), "seasonal_rules": (), "not_modelled": (), "assumptions": (),
        "source": (),
    }
)  # fmt: skip


def with_parameters(parameters: AccessParameters, names: Iterable[str]) -> AccessParameters:
    """Parameters of which some alone are set; the others are empty, 0 or False."""
    blank = {f.name: type(getattr(parameters, f.name))() for f in fields(parameters) if f.name not in names}
    return replace(parameters, **blank)
