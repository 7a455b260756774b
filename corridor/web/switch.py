"""A page with a map: the map, the scripts that bind its controls, and what is beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import folium
from folium.elements import JSCSSMixin
from folium.template import Template
from markupsafe import Markup

from corridor.drawing.i18n import STRINGS, region_words
from corridor.schema.region import Region
from corridor.schema.text import Text
from corridor.web.inline import OWN, Page, Printed, Raw, self_contained
from corridor.web.templates import render, script_json

_LEAFLET_JS = [link for link in folium.Map.default_js if link[0] == "leaflet"]
_LEAFLET_CSS = [link for link in folium.Map.default_css if link[0] == "leaflet_css"]

_NOT_ON_THE_MAP = (
    "answer_",
    "unit_",
    "profile_",
    "habitat_",
    "eco_",
    "crossing_",
    "term_",
    "demand_",
    "nodes_",
    "sketch_",
    "refused_",
)


def _links(kind: str, *names: str) -> list[tuple[str, str]]:
    """Shipped scripts or styles as links of a map, by name."""
    return [(f"{name}.{kind}", f"{OWN}{name}.{kind}") for name in names]


_SHARED_JS = _links("js", "unpack", "basemap", "features", "labels", "panel", "mappage")


class PageMap(folium.Map, Printed):
    """A folium map with Leaflet alone: no tiles, no other library, and a viewport that may be zoomed.

    Parameters
    ----------
    bounds
        West, south, east, north in degrees; the map opens on the middle.
    over
        HTML over the edges of the map.
    """

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

    def __init__(self, bounds: tuple[float, float, float, float], over: Markup) -> None:
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
    default_js = _SHARED_JS + _links(
        "js", "contours", "legend", "stage", "pair", "reading", "search", "saving", "compare"
    )
    default_css = _links("css", "page", "compare")

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Switch"


class StorySwitch(Switch):
    """The scripts of the map in presentation: those of the comparison, and the steps."""

    page_class = "Story"
    default_js = Switch.default_js + _links("js", "speaker", "slides", "story")
    default_css = Switch.default_css + _links("css", "story")


class EcologySwitch(Switch):
    """The scripts of the map of conflicts."""

    page_class = "Ecology"
    default_js = _SHARED_JS + _links("js", "ecology")
    default_css = Switch.default_css + _links("css", "ecology")


def map_page(
    title: str,
    bounds: tuple[float, float, float, float],
    switch: Switch,
    over: Markup,
    beside: Markup,
) -> str:
    """A page with a map.

    Parameters
    ----------
    title
        Title as text.
    bounds
        West, south, east, north in degrees.
    switch
        The scripts of the page.
    over
        HTML over the edges of the map.
    beside
        HTML beside it, with the packed data.

    Returns
    -------
    str
        HTML of the whole page.
    """
    page = Page(title)
    chart = PageMap(bounds, over)
    chart.add_child(switch, name="switch")
    page.add_child(chart, name="map")
    page.html.add_child(Raw(beside), name="beside")
    return self_contained(page)


def on_the_map(key: str) -> bool:
    """Whether the script of a map of scenarios may show the text of a key."""
    return not key.startswith(_NOT_ON_THE_MAP)


def beside_map(
    template: str, region: Region, pack: str, shows: Callable[[str], bool] = on_the_map,
    lacking: Text | None = None, **values: Any,
) -> Markup:  # fmt: skip
    """What is beside a map: the template with the packed data and the words that the script shows.

    Parameters
    ----------
    template
        Name of a shipped template.
    region
        The region, for the texts that depend on it.
    pack
        See :func:`corridor.web.pack.pack`.
    shows
        Whether the script may show the text of a key; the others are left out of the page.
    lacking
        What the study does not have, in a sentence; shown by templates that read it.
    **values
        What else the template reads.
    """
    texts = {**STRINGS, **region_words(region)}
    shown = {key: text for key, text in texts.items() if shows(key)}
    words = script_json(shown | ({"lacking": lacking} if lacking else {}))
    return render(template, region=region, pack=pack, words=words, lacking=lacking, **values)
