"""ecology.html: every conflict in a list and on a map, with lines by structure, bands, corridors and long sections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from corridor.drawing.i18n import STRINGS, not_given, t
from corridor.study.conflict_report import EcologyView, LayerNote
from corridor.web.ecology_model import build_ecology
from corridor.web.inline import MAX_BYTES, write_page
from corridor.web.layers import PageLayers
from corridor.web.pack import pack
from corridor.web.switch import EcologySwitch, beside_map, map_page
from corridor.web.templates import render

_PREFIXES = (
    "eco_",
    "structure_",
    "designation_",
    "wildlife_",
    "layer_",
    "level_",
    "review_sure",
    "review_screening",
)
_KEYS = frozenset({
    "assumption", "attribution", "boundary", "broken", "open_index", "close", "confidence_key", "counterfactual", "counterfactual_short", "undecided", "undecided_short", "crs_note", "date_note",
    "hide_panel", "show_panel", "indicative", "map", "controls", "no_unpack", "not_mapped", "permanent", "temporary", "shade",
    "reading", "list_comma", "review_maybe", "review_all_year", "scenario", "screening", "station_added", "subtitle", "uncertain_note",
    "whole_area", "zoom_in", "zoom_out", "unknown", "no_data",
})  # fmt: skip
WORDS = frozenset(key for key in STRINGS if key in _KEYS or key.startswith(_PREFIXES))
"""What the script of the page says."""


def write_ecology(
    views: Sequence[EcologyView], notes: Mapping[str, LayerNote], layers: PageLayers, path: Path,
    beside: tuple[str, str] = ("index.html", "open_index"), first: str = "",
) -> None:  # fmt: skip
    """Write ecology.html: the conflicts of one or more scenarios on one map.

    A page that would be over 2.5 MB leaves out the pictures of animals and quality, then the long sections, then scenarios,
    which it names. An earlier file stays where this one cannot be written.

    Parameters
    ----------
    views
        A scenario each.
    notes
        Title, date and licence of the layers that conflicts rest on, by role.
    layers
        What is drawn under them.
    path
        The file.
    beside
        The page of tables in the same folder, and the key of the words of its link.
    first
        The scenario to open on.

    Raises
    ------
    AssetError
        Where one scenario alone is over 2.5 MB.
    """
    for shown in _lighter(views, first):
        model, sections = build_ecology(shown, notes, layers, first)
        kept = {view.scenario.id for view in shown}
        model["leftOut"] = [view.scenario.id for view in views if view.scenario.id not in kept]
        model["noSections"] = not any(view.sections for view in shown) and any(
            view.sections for view in views
        )
        html = _html(model, sections, layers, beside)
        if len(html.encode()) <= MAX_BYTES:
            break
    write_page(html, path)


def _lighter(views: Sequence[EcologyView], first: str) -> Iterator[list[EcologyView]]:
    """The views, then without pictures, without sections, and at last half of them, and half again."""
    yield list(views)
    yield [replace(view, grids=()) for view in views]
    plain = [replace(view, grids=(), sections=()) for view in views]
    yield plain
    plain.sort(key=lambda view: view.scenario.id != first)
    while len(plain) > 1:
        plain = plain[: len(plain) // 2]
        yield plain


def _html(
    model: dict[str, Any], sections: list[tuple[str, bytes]], layers: PageLayers, beside: tuple[str, str]
) -> str:
    (south, west), (north, east) = model["views"]["area"]
    return map_page(
        t("eco_title").en,
        (west, south, east, north),
        EcologySwitch(),
        render("over_ecology.html.j2", attributions=layers.attributions),
        beside_map(
            "ecology.html.j2",
            layers.region,
            pack(model, sections),
            WORDS.__contains__,
            not_given(layers.not_given),
            beside=beside,
        ),
    )
