"""Where along its line a part or a site lies, in words: ids of files say nothing to a reader."""

from __future__ import annotations

import re
from collections.abc import Mapping

from corridor.drawing.i18n import fill, in_each
from corridor.schema.text import Lang, Text


def places(chainages_km: Mapping[tuple[str, str], tuple[float, ...]]) -> dict[tuple[str, str], Text]:
    """By line and part or site: kilometres along the line, from where to where, or at the point nearest a site."""
    return {
        own: fill("eco_between_km" if len(km) > 1 else "eco_near_km", km="–".join(f"{x:.1f}" for x in km))
        for own, km in chainages_km.items()
    }


def told_by_place(text: Text, line_id: str, known: Mapping[tuple[str, str], Text]) -> Text:
    """A sentence with the ids of a line's parts and sites replaced by where they lie."""
    ids = sorted((own for line, own in known if line == line_id and own), key=len, reverse=True)
    if not ids:
        return text
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, ids))})(?![\w-])", re.ASCII)

    def told(script: Lang) -> str:
        return pattern.sub(lambda m: known[line_id, m[0]].in_script(script), text.in_script(script))

    return in_each(told)
