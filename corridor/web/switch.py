"""What stands beside the map: the controls, and the script that binds them."""

from __future__ import annotations

from typing import Any

import folium
from folium.elements import JSCSSMixin
from folium.template import Template

from corridor.drawing.i18n import LANG_NAMES, STRINGS, fill, listed, region_words, t, triple
from corridor.schema.region import Region
from corridor.schema.text import LANGS, Text
from corridor.web.html import esc, json_for_script, tag, tri
from corridor.web.inline import Printed

_LEAFLET_JS = [link for link in folium.Map.default_js if link[0] == "leaflet"]
_LEAFLET_CSS = [link for link in folium.Map.default_css if link[0] == "leaflet_css"]

ON_THE_MAP = frozenset(
    key
    for key in STRINGS
    if not key.startswith(("answer_", "unit_", "profile_", "habitat_", "eco_", "term_"))
)


class PageMap(folium.Map, Printed):
    """A folium map with Leaflet alone: no tiles, no other library, and a viewport that may be zoomed."""

    _template = Template(
        "{% macro header(this, kwargs) %}{% endmacro %}"
        '{% macro html(this, kwargs) %}<main id="map-box"><div class="map" id={{ this.get_name()|tojson }} '
        'role="application" aria-label="Map" data-i18n-label="map"></div>{{ this.over }}</main>{% endmacro %}'
        "{% macro script(this, kwargs) %}var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, "
        "{center: {{ this.location|tojson }}, crs: L.CRS.{{ this.crs }}, ...{{ this.options|tojavascript }}});\n"
        "L.control.scale({imperial: false, position: 'bottomright'}).addTo({{ this.get_name() }});{% endmacro %}"
    )
    default_js = _LEAFLET_JS
    default_css = _LEAFLET_CSS

    def __init__(self, bounds: tuple[float, float, float, float], over: str) -> None:
        west, south, east, north = bounds
        super().__init__(
            location=[round((south + north) / 2, 4), round((west + east) / 2, 4)],
            tiles=None,
            zoom_start=10,
            zoom_snap=0.25,
            zoom_delta=0.5,
            prefer_canvas=True,
            attribution_control=False,
            max_zoom=17,
            max_bounds_viscosity=0.7,
        )
        self.over = over


class Switch(JSCSSMixin, Printed):
    """The scripts of the controls, and the call that starts the page; a page of another class has its own."""

    page_class = "Compare"

    _template = Template(
        "{% macro script(this, kwargs) %}corridor.start({{ this._parent.get_name() }}, 'pack', corridor.{{ this.page_class }});{% endmacro %}"
    )
    default_js = [  # noqa: RUF012
        ("corridor_features", "corridor:features.js"),
        ("corridor_labels", "corridor:labels.js"),
        ("corridor_panel", "corridor:panel.js"),
        ("corridor_mappage", "corridor:mappage.js"),
        ("corridor_contours", "corridor:contours.js"),
        ("corridor_stage", "corridor:stage.js"),
        ("corridor_compare", "corridor:compare.js"),
    ]
    default_css = [("page_css", "corridor:page.css"), ("compare_css", "corridor:compare.css")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Switch"


def words(key: str, element: str = "span", **attributes: Any) -> str:
    """An element whose words follow the language."""
    return tag(element, esc(t(key).en), data_i18n=key, **attributes)


def words_of(region: Region, key: str, element: str = "span", **attributes: Any) -> str:
    """An element with words of the region that follow the language."""
    return tag(element, esc(region_words(region)[key].en), data_i18n=key, **attributes)


def languages() -> str:
    """The three buttons of the language switch."""
    buttons = (
        tag(
            "button", esc(LANG_NAMES[lang]), type="button", lang=lang, data_lang=lang,
            aria_pressed="true" if lang == "en" else "false",
        )
        for lang in LANGS
    )  # fmt: skip
    return tag("div", *buttons, class_="languages", role="group", aria_label="Language 語言 语言")


def head(region: Region) -> str:
    """Title and language, above the panel."""
    return tag(
        "header",
        tag("div", words("compare_title", "h1"), languages(), class_="row"),
        words_of(region, "subtitle", "p"),
        tag("div", tag("a", esc(t("open_index").en), href="index.html", id="to-index", data_keep="1",
            data_i18n="open_index"),
            words("hide_panel", "button", type="button", id="fold", aria_expanded="true", aria_controls="panel"),
            class_="row"),
        id="head",
    )  # fmt: skip


def panel(kept: tuple[int, int] | None = None, above: str = "") -> str:
    """Controls, legend, layers, table and notes, in the order of use; `kept` of all measures, where not all fit.

    `above` stands before all of them.
    """
    left_out = tri(fill("measures_left_out", kept=kept[0], all=kept[1])) if kept else ""
    choose = tag(
        "div",
        tag("div", words("scenario", "label", for_="scenario"), tag("select", id="scenario"), class_="field"),
        words("counterfactual", "p", id="banner", class_="banner", hidden="hidden"),
        tag("p", id="question"),
        tag("div", words("measure", "label", for_="measure"), tag("select", id="measure"),
            tag("p", left_out, class_="note") if kept else "", class_="field"),
        tag("div", _choices("hour", tag("div", id="hours", class_="choices")), _choices("view", _views()), class_="pair"),
        words("beside", "button", type="button", id="beside", aria_pressed="false"),
        words("is_reference", "p", id="is-reference", class_="note", hidden="hidden"),
        id="choose",
    )  # fmt: skip
    legend = tag(
        "section",
        tag("h2", id="legend-title"),
        tag("p", id="legend-unit", class_="note"),
        tag("div", id="legend"),
        words("percent_note", "p", id="percent-note", class_="note", hidden="hidden"),
        tag(
            "div",
            words("contours_title", "h3"),
            tag("ul", id="contour-legend"),
            words("contours_note", "p", class_="note"),
            id="contours",
            hidden="hidden",
        ),
        tag("p", words("fixed_scale"), " ", tag("span", id="rounded"), class_="note"),
        id="zone-legend",
    )
    lines = tag(
        "section",
        words("layer_lines", "h2"),
        tag("ul", id="line-legend"),
        words("indicative", "p", class_="note"),
    )
    layers = tag(
        "section",
        tag("details", words("layers", "summary"), tag("ul", id="layers"), words("uncertain_note", "p", class_="note"), open="open"),
        id="layers-box",
    )  # fmt: skip
    return tag("aside", above, choose, legend, lines, layers, _table(), _notes(), id="panel",
               aria_label="Controls", data_i18n_label="controls")  # fmt: skip


def _choices(key: str, content: str) -> str:
    return tag("fieldset", words(key, "legend"), content)


def _views() -> str:
    made = (
        tag("label", f'<input type="radio" name="view" value="{value}">', words(key))
        for value, key in (("value", "view_value"), ("change", "view_change"), ("percent", "view_percent"))
    )
    return tag("div", *made, class_="choices")


def _table() -> str:
    return tag(
        "section",
        tag("details", words("table_title", "summary"), tag("p", id="table-note", class_="note"),
            tag("div", tag("table", id="table"), class_="scroll"), open="open"),
        id="table-box",
    )  # fmt: skip


def _notes() -> str:
    return tag(
        "section",
        tag("p", words("screening"), class_="foot"),
        tag(
            "p", tag("span", id="date"), " ", words("crs_note"), " ", words("neighbours_note"), class_="foot"
        ),
        tag("p", words("software_note"), class_="foot"),
        id="notes-foot",
    )


def over_map(attributions: tuple[Text, ...]) -> str:
    """What lies over the map's edges: views, reading, card, attribution."""
    tools = tag(
        "div",
        words("corridor_view", "button", type="button", id="go-corridor"),
        words("whole_area", "button", type="button", id="go-area"),
        id="tools",
    )
    credit = tag(
        "div", words("attribution"), ": ", tri(listed([*attributions])), " · ", words("indicative"),
        id="credit",
    )  # fmt: skip
    left = tag("div", tag("p", id="left-title", class_="map-title"), tag("div", id="map-left", role="application", aria_label="Map", data_i18n_label="map_reference"),
               id="left-box", hidden="hidden")  # fmt: skip
    return "".join((
        left,
        tag("p", id="right-title", class_="map-title", hidden="hidden"),
        words("counterfactual", "p", id="map-banner", class_="banner", hidden="hidden"),
        tools,
        tag("div", tag("div", id="readout"), id="over"),
        tag("div", id="card", role="dialog", aria_label="Control point", data_i18n_label="layer_checkpoints", hidden="hidden"),
        tag("p", esc(t("reading").en), id="note", role="status"),
        credit,
    ))  # fmt: skip


def word_list(region: Region, keys: frozenset[str] = ON_THE_MAP) -> str:
    """The words that the script shows, as a data block."""
    texts = {**STRINGS, **region_words(region)}
    listed = {key: triple(texts[key]) for key in sorted(keys)}
    return tag("script", json_for_script(listed), type="application/json", id="words")
