"""What the figures of a draw depend on; words, pages and what is read off draws afterwards may change without them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Any

import corridor
from corridor.core.cache import folder_hash, versions
from corridor.demand.segments import BASE_PERIOD
from corridor.schema.catalog_kept import held_in
from corridor.study.ensemble.travel import draws_travellers
from corridor.study.question import question
from corridor.study.study import Study

FLOORS = ("core", "schema", "network", "ecology", "access", "study")
"""Packages that figures are made in; those above them draw, write and ask."""
SCORING = ("coarse", "design", "nature", "score", "travel", "vary")
"""Modules of this package that score a draw; the others say what draws mean."""
DRAWING_LIBRARIES = ("corridor", "folium", "matplotlib")
"""What figures do not depend on: their own version is in the hash of their files, and what draws them comes after."""
OF_DATA = {"id", "role", "kind", "crs", "date", "fields"}
"""What a catalogue entry says of its data; the rest is words on it."""
OWN_ROLE = "assumptions"
"""The layer that is hashed by what is drawn of it, without titles, reasons and sources."""
_WORDS = {"en", "zh_hant", "zh_hans"}
_ABOUT = {"source", "note", "title", "question", "assumptions", "not_modelled"}
"""Fields of a scenario that say what it is about."""


def inputs_of(study: Study, scenario_ids: Iterable[str]) -> dict[str, str]:
    """Hashes of all that the figures of a draw depend on, but for the assumptions drawn.

    Parameters
    ----------
    study
        The study; scenario files that are not of it are in its library.
    scenario_ids
        What is scored.

    Returns
    -------
    dict of str to str
        By the name of an input, as a message names it, 64 hexadecimal digits.
    """
    catalog = study.catalog
    layers = [
        (entry.model_dump_json(include=OF_DATA), hashlib.sha256(held_in(catalog.file_of(entry))).hexdigest())
        for entry in catalog.entries
        if entry.role != OWN_ROLE
    ]
    file, used = question(study).file, list(scenario_ids)
    if draws_travellers(study, file):
        used.append(study.demand_study.scenario_of(BASE_PERIOD))  # what the demand model is calibrated on
    scenarios = [without_words(study.scenario(i).model_dump(mode="json")) for i in used]
    region = without_words(catalog.region.model_dump(mode="json"))
    criteria = [c.id for c in file.shown]
    return {
        "program": figures_hash(),
        "layers": _hash([region, layers, repr(study.parameters)]),
        "scenario files": _hash(scenarios),
        "criteria": _hash(criteria),
    }


@lru_cache(maxsize=1)
def figures_hash() -> str:
    """A hash of the modules that figures are made in and of the libraries that they use."""
    files = folder_hash(Path(corridor.__file__).parent, makes_figures)
    return _hash([versions(without=DRAWING_LIBRARIES), files])


def makes_figures(file: PurePath) -> bool:
    """Whether figures of a draw may depend on a file of the package.

    Examples
    --------
    >>> [makes_figures(PurePath(p)) for p in ("study/run.py", "study/ensemble/vary.py", "study/ensemble/sentences.py", "drawing/words/en.csv")]
    [True, True, False, False]
    """  # fmt: skip
    if file.parts[:2] == ("study", "ensemble"):
        return file.stem in SCORING
    return file.parts[0] in FLOORS


def without_words(value: Any) -> Any:
    """What JSON holds of a scenario or a region, without its texts.

    Examples
    --------
    >>> without_words({"title": {"en": "A", "zh_hant": "", "zh_hans": ""}, "year": 2035, "source": ["X01"]})
    {'year': 2035}
    """
    if isinstance(value, dict):
        inner = {k: v for k, v in value.items() if k not in _ABOUT}
        return {
            k: without_words(v) for k, v in inner.items() if not (isinstance(v, dict) and set(v) == _WORDS)
        }
    if isinstance(value, list):
        return [without_words(v) for v in value]
    return value


def _hash(what: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
