"""ecology.html: every conflict in a list and on a map, with lines by structure, bands, corridors and long sections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from corridor.drawing.basemap import prepare
from corridor.drawing.i18n import STRINGS, listed, t
from corridor.schema.region import Region
from corridor.schema.text import Text
from corridor.study.conflict_report import EcologyView, LayerNote
from corridor.web import switch
from corridor.web.basemap import Basemap
from corridor.web.ecology_model import build_ecology
from corridor.web.html import esc, tag, tri
from corridor.web.inline import MAX_BYTES, Page, Raw, self_contained, write_page
from corridor.web.layers import PageLayers
from corridor.web.pack import pack

TABS = ("conflicts", "corridors", "layers", "about")
_PREFIXES = ("eco_", "structure_", "designation_", "wildlife_", "layer_", "review_sure", "review_screening")
_KEYS = frozenset({
    "assumption", "attribution", "boundary", "broken", "open_index", "close", "confidence_key", "counterfactual", "counterfactual_short", "crs_note", "date_note",
    "hide_panel", "show_panel", "indicative", "map", "controls", "no_unpack", "not_mapped", "permanent", "temporary", "shade",
    "reading", "review_maybe", "review_all_year", "scenario", "screening", "station_added", "subtitle", "uncertain_note",
    "whole_area", "zoom_in", "zoom_out", "unknown", "no_data",
})  # fmt: skip
WORDS = frozenset(key for key in STRINGS if key in _KEYS or key.startswith(_PREFIXES))
"""What the script of the page says."""


class _Controls(switch.Switch):
    """The scripts of this page, and the call that starts it."""

    page_class = "Ecology"
    default_js = [  # noqa: RUF012
        ("corridor_features", "corridor:features.js"),
        ("corridor_labels", "corridor:labels.js"),
        ("corridor_panel", "corridor:panel.js"),
        ("corridor_mappage", "corridor:mappage.js"),
        ("corridor_ecology", "corridor:ecology.js"),
    ]
    default_css = [  # noqa: RUF012
        ("page_css", "corridor:page.css"),
        ("compare_css", "corridor:compare.css"),
        ("ecology_css", "corridor:ecology.css"),
    ]


def write_ecology(
    views: Sequence[EcologyView], notes: Mapping[str, LayerNote], layers: PageLayers, path: Path,
    beside: tuple[str, str] = ("index.html", "open_index"), first: str = "",
) -> None:  # fmt: skip
    """Write ecology.html: the conflicts of one or more scenarios on one map.

    ``notes`` say of each layer (by role) its title, date and licence; ``beside`` is the page of tables in the same
    folder and the key of its words, ``first`` the scenario to open on. A page that would be over 2.5 MB leaves out the pictures of animals and
    quality, then the long sections, then scenarios, which it names. Raises AssetError where it still is; an earlier file stays.
    """
    base = prepare(layers.coastline, layers.districts, layers.region)
    for shown in _lighter(views, first):
        model, sections = build_ecology(shown, notes, layers, base, first)
        kept = {view.scenario_id for view in shown}
        model["leftOut"] = [view.scenario_id for view in views if view.scenario_id not in kept]
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
    plain.sort(key=lambda view: view.scenario_id != first)
    while len(plain) > 1:
        plain = plain[: len(plain) // 2]
        yield plain


def _html(
    model: dict[str, Any], sections: list[tuple[str, bytes]], layers: PageLayers, beside: tuple[str, str]
) -> str:
    (south, west), (north, east) = model["views"]["area"]
    page = Page(t("eco_title").en)
    chart = switch.PageMap((west, south, east, north), _over_map(layers.attributions))
    chart.add_child(Basemap(), name="basemap")
    chart.add_child(_Controls(), name="switch")
    page.add_child(chart, name="map")
    parts = (
        _head(beside), _panel(layers.region), switch.word_list(layers.region, WORDS), tag("script", pack(model, sections), type="text/plain", id="pack"),
        tag("noscript", tag("p", esc(t("eco_noscript").en), " ", tag("a", esc(t(beside[1]).en), href=beside[0]), class_="banner")),
    )  # fmt: skip
    page.html.add_child(Raw("\n".join(parts)), name="beside")
    return self_contained(page)


def _head(beside: tuple[str, str]) -> str:
    words = switch.words
    return tag(
        "header",
        tag("div", words("eco_title", "h1"), switch.languages(), class_="row"),
        words("screening", "p", class_="screening"),
        tag("div", tag("a", esc(t(beside[1]).en), href=beside[0], data_keep="1", data_i18n=beside[1]),
            words("hide_panel", "button", type="button", id="fold", aria_expanded="true", aria_controls="panel"),
            class_="row"),
        id="head",
    )  # fmt: skip


def _panel(region: Region) -> str:
    words = switch.words
    choose = tag(
        "div",
        tag("div", words("scenario", "label", for_="scenario"), tag("select", id="scenario"), class_="field"),
        words("counterfactual", "p", id="banner", class_="banner", hidden="hidden"),
        tag("p", id="question"),
        tag("p", id="left-out", class_="note", hidden="hidden"),
        id="choose",
    )  # fmt: skip
    tabs = (
        words(f"eco_tab_{name}", "button", type="button", role="tab", id=f"tab-{name}", aria_controls=f"pane-{name}",
              aria_selected="true" if name == "conflicts" else "false", tabindex="0" if name == "conflicts" else "-1")
        for name in TABS
    )  # fmt: skip
    bodies = {
        "conflicts": _conflicts(),
        "corridors": _corridors(),
        "layers": _layers(),
        "about": _about(region),
    }
    panes = (
        tag("div", bodies[name], id=f"pane-{name}", role="tabpanel", aria_labelledby=f"tab-{name}",
            hidden=None if name == "conflicts" else "hidden")
        for name in TABS
    )  # fmt: skip
    bar = tag(
        "div",
        *tabs,
        role="tablist",
        class_="tabs",
        aria_label="Conflicts",
        data_i18n_label="eco_tab_conflicts",
    )
    return tag("aside", choose, bar, *panes, id="panel", aria_label="Controls", data_i18n_label="controls")


def _conflicts() -> str:
    words = switch.words
    filters = tag(
        "div",
        tag("div", words("eco_kind", "label", for_="kind"), tag("select", id="kind"), class_="field"),
        tag("div", words("eco_line", "label", for_="line"), tag("select", id="line"), class_="field"),
        class_="filters",
    )
    count = tag("p", id="count", class_="note", role="status")
    return filters + count + tag("div", id="list")


def _corridors() -> str:
    return switch.words("eco_corridors_note", "p", class_="note") + tag("div", id="crossings")


def _layers() -> str:
    words = switch.words
    return "".join((
        tag("fieldset", words("eco_picture", "legend"), tag("select", id="picture", aria_label="Overlay", data_i18n_label="eco_picture"),
            tag("div", id="picture-legend")),
        tag("fieldset", words("eco_bands", "legend"), tag("div", id="bands", class_="choices")),
        words("eco_bands_note", "p", class_="note"),
        tag("ul", id="layers"),
        words("uncertain_note", "p", class_="note"),
    ))  # fmt: skip


def _about(region: Region) -> str:
    words = switch.words
    return "".join((
        words("eco_sure_title", "h2"), switch.words_of(region, "review_sure", "p"), words("eco_sure", "p"), words("confidence_key", "p"),
        words("eco_layers_title", "h2"), tag("ul", id="sources"),
        words("review_screening", "p", class_="foot"),
        tag("p", tag("span", id="date"), " ", words("crs_note"), class_="foot"),
    ))  # fmt: skip


def _over_map(attributions: tuple[Text, ...]) -> str:
    """What lies beside the map's edges: views, card, legend, long section, attribution."""
    words = switch.words
    tools = tag(
        "div",
        words("eco_all_works", "button", type="button", id="go-corridor"),
        words("whole_area", "button", type="button", id="go-area"),
        id="tools",
    )
    section = tag(
        "section",
        tag("div",
            words("eco_open_section", "button", type="button", id="section-fold", aria_expanded="false", aria_controls="section"),
            tag("label", words("eco_line", "span", class_="visually-hidden"), tag("select", id="section-line")),
            tag("output", id="chainage-read", for_="chainage"),
            class_="row"),
        tag("div",
            tag("div", id="drawing", tabindex="0", role="group", aria_label="Long section", data_i18n_label="eco_open_section"),
            '<input type="range" id="chainage" min="0" max="1000" step="1" value="0" aria-label="Chainage" data-i18n-label="eco_chainage">',
            words("eco_section_note", "p", class_="note"),
            id="section", hidden="hidden"),
        id="along", aria_label="Long section", data_i18n_label="eco_open_section",
    )  # fmt: skip
    credit = tag(
        "div",
        words("attribution"),
        ": ",
        tri(listed([*attributions])),
        " · ",
        words("indicative"),
        id="credit",
    )
    return "".join((
        words("counterfactual", "p", id="map-banner", class_="banner", hidden="hidden"),
        tools,
        tag("div", id="card", role="region", aria_live="polite", aria_label="Conflict", data_i18n_label="eco_card", hidden="hidden"),
        tag("p", esc(t("reading").en), id="note", role="status"),
        tag("ul", id="key", aria_label="Legend", data_i18n_label="eco_legend"),
        section,
        credit,
    ))  # fmt: skip
