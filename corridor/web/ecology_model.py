"""What the ecology page reads: conflicts, lines by structure, bands and pictures, each thing kept once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray

from corridor.drawing import palette
from corridor.drawing.basemap import BaseGeometry, simplified
from corridor.drawing.i18n import fill, joined, t, term, triple
from corridor.drawing.numbers import figure, hectares, marked
from corridor.drawing.places import places, told_by_place
from corridor.schema.rows import flag_of, number_of, row_name, rows_of, text_of
from corridor.schema.text import Text
from corridor.study.conflict_report import EcologyView, Grid, LayerNote
from corridor.web import long_section
from corridor.web.layers import PageLayers
from corridor.web.model import FINE_M, Pool, base_parts, box_of, nature_parts
from corridor.web.pack import GeometryStream
from corridor.web.raster import Warp, classed, png

CONFLICT_M = 2.0
COURSE_M = 8.0
MARGIN = 0.02
GROUPS = ("designations", "corridors", "water", "wildlife", "other", "unknown")
"""Kinds of conflict as the list groups them."""
WATER = frozenset({"wetland", "marine", "freshwater"})
STRUCTURES: dict[str, dict[str, Any]] = {
    "bored_tunnel": {"weight": 3.4, "dash": "3 6", "colour": "#7a3fa0"},
    "immersed_tunnel": {"weight": 4.2, "dash": "9 5", "colour": "#7a3fa0"},
    "cut_and_cover": {"weight": 4.2, "dash": "9 3 2 3", "colour": "#b0531a"},
    "at_grade": {"weight": 3.6, "dash": "", "colour": "#1d1d1d"},
    "embankment": {"weight": 6.0, "dash": "", "colour": "#5e4a1e"},
    "viaduct": {"weight": 5.2, "dash": "", "colour": "#c8321b"},
    "bridge": {"weight": 5.2, "dash": "14 3", "colour": "#c8321b"},
}
"""How a stretch of line is drawn: dashed below ground, whole above; weight and colour tell the same again."""
GROUP_MARKS: dict[str, dict[str, str]] = {
    "designations": {"colour": "#8a1c5b", "shape": "as-square"},
    "corridors": {"colour": "#1b6e2c", "shape": "as-diamond"},
    "water": {"colour": "#00558c", "shape": "as-disc"},
    "wildlife": {"colour": "#7b3f00", "shape": "as-arch"},
    "other": {"colour": "#54595e", "shape": "as-tag"},
    "unknown": {"colour": "#ffffff", "shape": "as-hollow"},
}
"""Shape and colour of the numbered marks; the shape alone tells them apart."""
LOOK = {"construction": "#d98021", "operation": "#00609c"}
CURRENT_SHARES = (0.5, 0.75, 0.9, 0.97, 0.99)
CHANGE_STEPS = 3
QUALITY_BREAKS = (-0.2, -0.1, -0.03, -0.003)


def build_ecology(
    views: Sequence[EcologyView],
    notes: Mapping[str, LayerNote],
    layers: PageLayers,
    base: BaseGeometry,
    first: str = "",
) -> tuple[dict[str, Any], list[tuple[str, bytes]]]:
    """The model (for JSON) and its binary section, for :func:`corridor.web.pack.pack`."""
    stream = GeometryStream()
    ids = [view.scenario_id for view in views]
    nature = nature_parts(layers, stream)
    shared = _Shared(stream, _corridor_shapes(nature, layers))
    model = {
        "base": base_parts(base, stream),
        "nature": nature,
        "palette": palette.for_page() | {"structures": STRUCTURES, "groups": GROUP_MARKS, "phases": LOOK},
        "openAtFirst": sorted(palette.OPEN_AT_FIRST),
        "layerNotes": {
            role: {
                "title": triple(n.title),
                "date": n.date,
                "licence": n.licence,
                "attribution": n.attribution,
            }
            for role, n in notes.items()
        },
        "groups": [{"id": g, "name": triple(t(f"eco_group_{g}"))} for g in GROUPS],
        "scenarios": [shared.scenario(view) for view in views],
        "first": ids.index(first) if first in ids else 0,
        "views": {"area": box_of(base.bounds), "corridor": box_of(_focus(views, base))},
        "section": {"width": long_section.WIDTH, "left": long_section.LEFT, "right": long_section.RIGHT},
        "date": layers.date,
    }
    model |= {name: pool.items for name, pool in shared.pools.items()}
    return model | {"sections": list(shared.sections), "scales": shared.scales}, [
        ("geometry", stream.to_bytes())
    ]


def _focus(views: Sequence[EcologyView], base: BaseGeometry) -> tuple[float, float, float, float]:
    """The box of all lines of all scenarios, or of all that is mapped where there is none."""
    drawn = [shape for view in views for shape in view.courses.geometry]
    if not drawn:
        return base.bounds
    west, south, east, north = shapely.total_bounds(np.array(drawn))
    return (west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN)


class _Shared:
    """What scenarios have in common is kept once: shapes, conflicts, drawings of sections."""

    def __init__(self, stream: GeometryStream, corridors: Mapping[tuple[str, str], list[int]]) -> None:
        self.corridors = corridors
        kinds = ("parts", "courses", "stations", "footprint", "bands", "conflicts")
        self.pools = {kind: Pool(stream) for kind in kinds}
        self.sections: dict[str, int] = {}
        self.scales: dict[str, list[dict[str, Any]]] = {}
        self._warps: dict[tuple[Any, ...], Warp] = {}

    def scenario(self, view: EcologyView) -> dict[str, Any]:
        """One scenario: its words, and the numbers of what it shows."""
        names = _line_names(view)
        cards = _Cards(view, names)
        return {
            "id": view.scenario_id, "title": triple(view.title), "question": triple(view.question),
            "year": view.year, "counterfactual": view.counterfactual,
            "parts": [self._add("parts", _part(names, r), r, COURSE_M) for r in rows_of(view.parts)],
            "lines": [self._line(view, names, r) for r in rows_of(view.courses)],
            "stations": [self._add("stations", {"name": triple(r["name"])}, r, 0) for r in rows_of(view.stations)],
            "footprint": [self._add("footprint", {"permanence": text_of(r["permanence"])}, r, FINE_M) for r in rows_of(view.footprint)],
            "bands": [self._add("bands", {"phase": r["phase"], "m": int(r["within_m"])}, r, 0) for r in rows_of(view.bands)],
            "conflicts": [
                [text_of(r["conflict_id"]), self._add("conflicts", cards.card(r), r, CONFLICT_M)] for r in _ranked(view)
            ],
            "crossings": _crossings(view, names, self.corridors),
            "grids": [picture for grid in view.grids for picture in self._pictures(grid)],
        }  # fmt: skip

    def _add(self, pool: str, item: dict[str, Any], row: Mapping[str, Any], tolerance_m: float) -> int:
        shape = row["geometry"]
        return self.pools[pool].add(item, simplified(shape, tolerance_m) if tolerance_m else shape)

    def _line(self, view: EcologyView, names: Mapping[str, Text], row: Mapping[str, Any]) -> dict[str, Any]:
        """A line with its course and, where one was drawn, its long section."""
        mine = [s for s in view.sections if s.line_id == row["line_id"]]
        drawn = long_section.draw_long_section(mine[0]) if mine else ""
        number = self.sections.setdefault(drawn, len(self.sections)) if drawn else None
        course = self._add("courses", {}, row, COURSE_M)
        return {
            "id": row["line_id"], "name": triple(names[row["line_id"]]), "course": course,
            "m": round(mine[0].length_m) if mine else 0, "section": number,
        }  # fmt: skip

    def _pictures(self, grid: Grid) -> Iterator[dict[str, Any]]:
        """The pictures of a grid: before and change of a current, change of the quality."""
        shown = (
            _current_scales(grid)
            if grid.kind == "current"
            else [("change", grid.after - grid.before, QUALITY_BREAKS, _WORSE)]
        )
        for what, values, breaks, colours in shown:
            key = f"{grid.key}:{what}"
            if key not in self.scales:
                self.scales[key] = _legend(breaks, colours)
            breaks = [float(row["from"]) for row in self.scales[key][1:]]
            kept, moved = _cropped(values, grid.transform, _seen(values, breaks, colours))
            if not kept.size:
                continue
            warp = self._warp(kept.shape, moved)
            address = png(warp.picture(classed(kept, breaks)), ("", *colours))
            yield {
                "kind": grid.kind,
                "key": grid.key,
                "what": what,
                "name": triple(grid.name),
                "corners": warp.corners,
                "png": address,
            }

    def _warp(self, shape: tuple[int, ...], transform: Affine) -> Warp:
        key = (*shape, *transform)
        if key not in self._warps:
            self._warps[key] = Warp((shape[0], shape[1]), transform, 2.0 if transform.a > 50 else 1.0)
        return self._warps[key]


_Shown = tuple[str, NDArray[np.float64], Sequence[float], tuple[str, ...]]
_WORSE = (*reversed(palette.WORSE), "")


def _current_scales(grid: Grid) -> list[_Shown]:
    """Classes of a current by shares of the cells before the works; of its change, either side of zero, tenfold steps."""
    known = grid.before[np.isfinite(grid.before) & (grid.before > 0)]
    change = grid.after - grid.before
    largest = float(np.nanmax(np.abs(change), initial=0.0))
    shown: list[_Shown] = []
    if known.size:
        steps = np.unique([_rounded(float(v)) for v in np.quantile(known, CURRENT_SHARES)])
        colours = ("", *palette.SEQUENTIAL[7][-len(steps) :])
        shown.append(("before", grid.before, steps.tolist(), colours))
    if largest > 0:
        top = _rounded(largest / 3)
        up = [top / 10**k for k in reversed(range(CHANGE_STEPS))]
        breaks = [*(-v for v in reversed(up)), *up]
        ends = palette.diverging(CHANGE_STEPS)
        shown.append(("change", change, breaks, (*ends[:CHANGE_STEPS], "", *ends[CHANGE_STEPS + 1 :])))
    return shown


def _rounded(value: float) -> float:
    """A value to one figure."""
    return float(f"{value:.1g}")


def _legend(breaks: Sequence[float], colours: tuple[str, ...]) -> list[dict[str, Any]]:
    """Classes from the lowest: where each begins (none for the first), and its colour (empty: see-through)."""
    return [
        {"from": b, "colour": c} for b, c in zip((None, *(float(b) for b in breaks)), colours, strict=True)
    ]


def _seen(
    values: NDArray[np.float64], breaks: Sequence[float], colours: tuple[str, ...]
) -> NDArray[np.bool_]:
    return np.array([False, *(bool(c) for c in colours)])[classed(values, breaks)]


def _cropped(
    values: NDArray[np.float64], transform: Affine, seen: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], Affine]:
    """The part of a grid in which anything is seen, with its own transform; empty where nothing is."""
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not len(rows):
        return values[:0, :0], transform
    top, left = int(rows[0]), int(columns[0])
    kept = values[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1]
    return kept, transform * Affine.translation(left, top)


def _line_names(view: EcologyView) -> dict[str, Text]:
    """Names of the lines of a scenario; a counterfactual one is named so."""
    never = {
        r["line_id"] for r in rows_of(view.parts.drop(columns="geometry")) if flag_of(r["counterfactual"])
    }
    found = {}
    for line_id in dict.fromkeys([*view.names, *view.courses["line_id"]]):
        name = view.names.get(line_id) or Text(en=line_id)
        found[line_id] = marked(name, "counterfactual_short") if line_id in never else name
    return found


def _part(names: Mapping[str, Text], row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "line": row["line_id"], "name": triple(names[row["line_id"]]), "part": text_of(row["part_id"]),
        "structure": text_of(row["structure"]), "assumed": flag_of(row["assumed"]),
        "counterfactual": flag_of(row["counterfactual"]),
    }  # fmt: skip


def _corridor_shapes(nature: Mapping[str, Any], layers: PageLayers) -> dict[tuple[str, str], list[int]]:
    """Numbers of the shapes of each corridor, by its id and its part."""
    found: dict[tuple[str, str], list[int]] = {}
    for row, drawn in zip(rows_of(layers.green_corridors), nature["corridors"], strict=True):
        for part in dict.fromkeys((text_of(row.get("part")), "")):
            found.setdefault((text_of(row["corridor_id"]), part), []).append(drawn["g"])
    return found


def _crossings(
    view: EcologyView, names: Mapping[str, Text], corridors: Mapping[tuple[str, str], list[int]]
) -> list[dict[str, Any]]:
    """Sentences on corridors, those crossed first."""
    rows = sorted(rows_of(view.crossings), key=lambda r: not flag_of(r["crossed"]))
    return [
        {
            "line": r["line_id"], "name": triple(names[r["line_id"]]), "crossed": flag_of(r["crossed"]),
            "shapes": corridors.get((text_of(r["corridor_id"]), text_of(r["corridor_part"])), []), "text": triple(told_by_place(row_name(r, "text"), text_of(r["line_id"]), places(view.places))), "species": triple(row_name(r, "species_note")),
        }
        for r in rows
    ]  # fmt: skip


def group_of(row: Mapping[str, Any]) -> str:
    """The group of the list in which a conflict stands."""
    kind = text_of(row["kind"])
    if kind == "habitat_take":
        return "water" if row["subject"] in WATER else "other"
    plain = {
        "designation_take": "designations", "corridor_crossing": "corridors", "corridor_take": "corridors",
        "wildlife_near": "wildlife", "not_assessed": "unknown",
    }  # fmt: skip
    return plain.get(kind, "other")


def _ranked(view: EcologyView) -> list[dict[str, Any]]:
    """Conflicts by group, in each what stays for good before the works, the largest first."""
    spans = ("permanent", "", "temporary", "shade")

    def place(row: Mapping[str, Any]) -> tuple[int, int, float, str]:
        span = text_of(row["permanence"])
        size = max((number_of(row[c]) or 0.0 for c in ("area_ha", "length_m")), default=0.0)
        away = number_of(row["distance_m"]) or 0.0
        order = spans.index(span) if span in spans else len(spans)
        return GROUPS.index(group_of(row)), order, away - size, text_of(row["conflict_id"])

    return sorted(rows_of(view.conflicts), key=place)


class _Cards:
    """What the card of each conflict says, in three scripts."""

    def __init__(self, view: EcologyView, names: Mapping[str, Text]) -> None:
        self.names = names
        self.places = places(view.places)
        self.levels = {
            (r["line_id"], r["unit_kind"], r["unit_id"], r["group"]): r for r in rows_of(view.significance)
        }
        self.rules: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
        for rule in rows_of(view.seasons):
            key = (rule["line_id"], text_of(rule["part_id"]), text_of(rule["site_id"]))
            self.rules.setdefault(key, []).append(rule)

    def card(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """One conflict."""
        level = self._level(row)
        name = row_name(row)
        hurt = name if name.en else term("habitat", row["subject_id"] or "not_assessed")
        return {
            "group": group_of(row), "kind": triple(term("kind", row["kind"])), "name": triple(hurt),
            "subject": triple(_subject(row)), "line": text_of(row["line_id"]),
            "lineName": triple(self.names[text_of(row["line_id"])]),
            "place": triple(self._place(row)), "how": triple(_how(row)),
            "size": triple(_size(row)), "layer": text_of(row["layer"]), "assumed": flag_of(row["assumed"]),
            "sure": [text_of(row["confidence"]), text_of(row["subject_confidence"])],
            "sources": [text_of(row["source"]), text_of(row["subject_source"])],
            "level": None if level is None else triple(_level_name(level)),
            "why": None if level is None else triple(row_name(level, "reason")),
            "rules": [*self._rules(row)],
        }  # fmt: skip

    def _place(self, row: Mapping[str, Any]) -> Text:
        own = text_of(row["part_id"]) or text_of(row["site_id"])
        return self.places.get((text_of(row["line_id"]), own)) or Text(en=own)

    def _level(self, row: Mapping[str, Any]) -> Mapping[str, Any] | None:
        line, part, site = (text_of(row[c]) for c in ("line_id", "part_id", "site_id"))
        group = {"designation_take": "protected", "wildlife_near": "wildlife_sites"}.get(
            text_of(row["kind"]), text_of(row["subject"])
        )
        kind, unit = ("site", site) if site else ("part", part)
        found = self.levels.get((line, kind, unit, group))
        return found if found is not None else self.levels.get((line, "line", line, group))

    def _rules(self, row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Rules on the part or site; for a wildlife site those that guard it, wherever along the line."""
        line, part, site = (text_of(row[c]) for c in ("line_id", "part_id", "site_id"))
        near = text_of(row["kind"]) == "wildlife_near"
        found = [
            r
            for k, rules in self.rules.items()
            if k[0] == line
            for r in rules
            if r["subject_id"] == row["subject_id"]
        ]
        seen = set()
        for rule in found if near else self.rules.get((line, part, site), []):
            if rule["rule_id"] not in seen:
                seen.add(rule["rule_id"])
                yield {
                    "title": triple(row_name(rule, "title")), "text": triple(row_name(rule, "rule")),
                    "months": text_of(rule["months"]), "sure": flag_of(rule["sure"]),
                }  # fmt: skip


def _level_name(row: Mapping[str, Any]) -> Text:
    return t("level_not_assessed") if number_of(row["level"]) is None else term("level", row["level_name"])


def _subject(row: Mapping[str, Any]) -> Text:
    """What kind of place is hurt: the designation, the group of habitat, the kind of wildlife site."""
    prefix = {"designations": "designation", "habitat": "group", "wildlife_sites": "wildlife"}.get(
        text_of(row["layer"])
    )
    return term(prefix, row["subject"]) if prefix and text_of(row["subject"]) else Text(en="")


def _how(row: Mapping[str, Any]) -> Text:
    """By what work: the kind of site, the component or the structure, for how long, in which phase."""
    kind = "component" if row["component"] else "structure"
    said: list[Text] = []
    if row["site_id"] and text_of(row["component"]):
        said.append(term("site", row["component"]))
    elif row["component"] or row["structure"]:
        said.append(term(kind, row["component"] or row["structure"]))
    if row["permanence"]:
        said.append(term("permanence", row["permanence"]))
    if row["phase"]:
        said.append(term("phase", row["phase"]))
    if text_of(row["kind"]) == "corridor_crossing":
        said.append(t("underground" if flag_of(row["underground"]) else "in_the_open"))
    return joined(said) if said else Text(en="")


def _size(row: Mapping[str, Any]) -> Text:
    for name, unit, key in (
        ("area_ha", "ha", "eco_size"),
        ("length_m", "m", "eco_size"),
        ("distance_m", "m", "eco_away"),
    ):
        value = number_of(row[name])
        if value is not None:
            said = hectares(value) if unit == "ha" else figure(round(value))
            return fill(key, value=said, unit=term("unit", unit))
    return Text(en="–")
