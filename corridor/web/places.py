"""Where along its line a part or a site lies, in words: ids of files say nothing to a reader."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from corridor.schema.text import Lang, Text
from corridor.web.i18n import fill


class Laid(Protocol):
    """A line with its parts and sites (:class:`corridor.ecology.Work`; pages compute nothing, so they do not load it)."""

    @property
    def line_id(self) -> str: ...  # noqa: D102
    @property
    def alignment(self) -> Any: ...  # noqa: D102
    @property
    def parts(self) -> Sequence[Any]: ...  # noqa: D102
    @property
    def sites(self) -> Sequence[Any]: ...  # noqa: D102


def places(works: Iterable[Laid]) -> dict[tuple[str, str], Text]:
    """By line and part or site: kilometres along the line, from where to where, or at the point nearest a site."""
    found: dict[tuple[str, str], Text] = {}
    for work in works:
        for part in work.parts:
            ends = (f"{m / 1000:.1f}" for m in (part.from_m, part.to_m))
            found[work.line_id, part.part_id] = fill("eco_between_km", km="–".join(ends))
        for site in work.sites:
            at = work.alignment.project(site.geometry.centroid)
            found[work.line_id, site.site_id] = fill("eco_near_km", km=f"{at / 1000:.1f}")
    return found


def told_by_place(text: Text, line_id: str, known: Mapping[tuple[str, str], Text]) -> Text:
    """A sentence with the ids of a line's parts and sites replaced by where they lie."""
    ids = sorted((own for line, own in known if line == line_id and own), key=len, reverse=True)
    if not ids:
        return text
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, ids))})(?![\w-])", re.ASCII)

    def told(script: Lang) -> str:
        return pattern.sub(lambda m: known[line_id, m[0]].in_script(script), text.in_script(script))

    return Text(en=told("en"), zh_hant=told("zh-Hant"), zh_hans=told("zh-Hans"))
