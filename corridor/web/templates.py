"""Pages from templates: one Jinja environment, in which every value is escaped and no data becomes a template.

Templates are files of the package (``templates/*.html.j2``); nothing else is ever compiled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from corridor.drawing.canvas import Drawing, Mark
from corridor.drawing.i18n import LANG_NAMES, fill, joined, listed, region_words, t, term
from corridor.drawing.numbers import figure, hectares, points, signed
from corridor.drawing.svg import elements, svg
from corridor.schema.rows import flag_of, number_of, row_name, rows_of, text_of
from corridor.schema.text import LANGS, Text, visible
from corridor.web.html import json_for_script, tri


def _printed(value: object) -> object:
    """A value as a template prints it: a text in its three scripts, of which the page shows one."""
    return Markup(tri(value)) if isinstance(value, Text) else value


_ENVIRONMENT = Environment(
    loader=PackageLoader("corridor.web"),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_printed,
    extensions=["jinja2.ext.do"],
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters |= {"figure": figure, "hectares": hectares, "points": points, "signed": signed}
_ENVIRONMENT.filters |= {"flag": flag_of, "number": number_of, "plain": text_of}
_ENVIRONMENT.globals |= {
    "t": t,
    "term": term,
    "fill": fill,
    "joined": joined,
    "listed": listed,
    "name": row_name,
    "rows": rows_of,
    "region_words": region_words,
    "LANGS": LANGS,
    "LANG_NAMES": LANG_NAMES,
}


def render(template: str, **values: Any) -> Markup:
    """A shipped template filled with values, each escaped where it is printed.

    What would be obeyed unseen (:func:`corridor.schema.text.visible`) is written out over the whole text: a template
    holds none of it, so that all of it comes from values.
    """
    return Markup(visible(_ENVIRONMENT.get_template(template).render(values)))


def drawn(drawing: Drawing, kind: str = "chart") -> Markup:
    """A drawing for a template, as inline SVG whose texts are escaped already.

    Parameters
    ----------
    drawing
        The drawing.
    kind
        CSS class of the SVG.
    """
    return Markup(svg(drawing, kind))


def drawn_marks(marks: Iterable[Mark]) -> Markup:
    """Marks that drawings of a page share (:class:`corridor.drawing.canvas.Ref`)."""
    return Markup(elements(marks))


def drawn_by_id(shared: Mapping[str, Iterable[Mark]]) -> dict[str, Markup]:
    """Marks that drawings of a page share, each lot by the id that they refer to."""
    return {name: drawn_marks(marks) for name, marks in shared.items()}


def script_json(value: Any) -> Markup:
    """JSON for a script element of a template."""
    return Markup(json_for_script(value))
