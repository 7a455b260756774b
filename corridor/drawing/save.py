"""A drawn sheet as PNG, SVG or PDF, the same bytes for the same drawing, with its alt text."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any, Literal
from xml.sax.saxutils import escape

import matplotlib as mpl

from corridor.drawing.sheet import DPI, WIDTH, Sheet
from corridor.schema.text import visible

Format = Literal["png", "svg", "pdf"]
WIDTHS = (1600, 3840)
SETTINGS = {
    "hatch.linewidth": 0.55,
    "svg.fonttype": "path",
    "svg.hashsalt": "corridor",
    "pdf.fonttype": 3,
    "pdf.use14corefonts": False,
}
"""Settings of the drawing library, whatever the user's own are."""


def picture(sheet: Sheet, kind: Format, title: str, alt: str, width: int = WIDTHS[0]) -> bytes:
    """The sheet as a file; the same drawing gives the same bytes.

    Parameters
    ----------
    sheet
        The sheet, drawn.
    kind
        png, svg or pdf.
    title, alt
        Title and alt text, kept in the file.
    width
        Pixels of a PNG, 16:9; an SVG or PDF has 16 by 9 inches.

    Returns
    -------
    bytes
        The file, without a date or the name of a program.
    """
    title, alt = visible(title), visible(alt)
    stream = io.BytesIO()
    metadata: Mapping[str, dict[str, Any]] = {
        "png": {"Software": None, "Title": _latin(title), "Description": _latin(alt)},
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None, "Title": title, "Subject": alt},
    }
    dpi = DPI * width / WIDTH if kind == "png" else 72
    sheet.figure.savefig(stream, format=kind, dpi=dpi, metadata=metadata[kind])
    found = stream.getvalue()
    return _plain_svg(found.decode(), title, alt, sheet.lang).encode() if kind == "svg" else found


def settings() -> Any:
    """A context in which matplotlib draws as the figures want, whatever the user has set.

    The backend stays as it is: it belongs to the user's session, and no figure needs one.
    """
    default = {key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith("backend")}
    chosen: Any = {**default, **SETTINGS}
    return mpl.rc_context(chosen)


def _latin(words: str) -> str:
    """Words for a PNG's text field; what its character set lacks is in the file of the alt text."""
    return words.encode("latin-1", "replace").decode("latin-1")


def _plain_svg(source: str, title: str, alt: str, lang: str) -> str:
    """Without metadata and document type, which name addresses; with a title and a description instead."""
    body = re.sub(r"<!DOCTYPE.*?>\s*", "", source, flags=re.DOTALL)
    body = re.sub(r"\s*<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    head = f'<svg role="img" lang="{lang}" aria-labelledby="figure-title figure-text" '
    said = f'<title id="figure-title">{escape(title)}</title>\n <desc id="figure-text">{escape(alt)}</desc>'
    return re.sub("<svg ([^>]*)>", lambda svg: f"{head}{svg[1]}>\n {said}", body, count=1)
