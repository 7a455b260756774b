"""Small tables that notebooks show for a value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

MOST_ROWS = 40


def html_table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table as HTML, every text escaped; after :data:`MOST_ROWS` rows it says how many more there are.

    Parameters
    ----------
    caption
        Above the table.
    headings
        Of the columns.
    rows
        Cells, in the order of the headings.

    Returns
    -------
    str
        A ``<table>``.
    """
    listed = list(rows)
    body = [_row("td", row) for row in listed[:MOST_ROWS]]
    if len(listed) > MOST_ROWS:
        body.append(_row("td", [f"... {len(listed) - MOST_ROWS} more"]))
    parts = [f"<caption>{escape(caption)}</caption>", _row("th", headings), *body]
    return f"<table>{''.join(parts)}</table>"


def _row(tag: str, values: Iterable[object]) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(str(value))}</{tag}>" for value in values) + "</tr>"
