"""Where along its line a part or a site is, in words: ids of files say nothing to a reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from corridor.drawing.i18n import fill
from corridor.schema.rows import text_of
from corridor.schema.text import Text


def places(chainages_km: Mapping[tuple[str, str], tuple[float, ...]]) -> dict[tuple[str, str], Text]:
    """Where parts and sites are, in words.

    Parameters
    ----------
    chainages_km
        By line and part or site: kilometres along the line, from where to where, or the one point nearest a site.
    """
    return {
        own: fill("eco_between_km" if len(km) > 1 else "eco_near_km", km="–".join(f"{x:.1f}" for x in km))
        for own, km in chainages_km.items()
    }


def place_of(row: Mapping[str, Any], known: Mapping[tuple[str, str], Text]) -> Text:
    """Where the part or site of a row is; its id where that is not known."""
    own = text_of(row.get("part_id")) or text_of(row.get("site_id"))
    return known.get((text_of(row["line_id"]), own)) or Text(en=own)
