"""The basemap as an element of a page."""

from __future__ import annotations

from folium.elements import JSCSSMixin
from folium.template import Template

from corridor.web.inline import Printed


class Basemap(JSCSSMixin, Printed):
    """The scripts that draw the basemap, as a child of the map."""

    _template = Template("")
    default_js = [("corridor_unpack", "corridor:unpack.js"), ("corridor_basemap", "corridor:basemap.js")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Basemap"
