"""What is said of one conflict: the list and the card of ecology.html and the table of review.html print the same record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shapely.geometry.base import BaseGeometry

from corridor.drawing.i18n import fill, joined, t, term
from corridor.drawing.numbers import figure, hectares, line_named
from corridor.drawing.places import place_of, places
from corridor.schema.rows import flag_of, number_of, row_name, rows_of, text_of
from corridor.schema.text import Text
from corridor.study.conflict_report import EcologyView

GROUPS = ("designations", "corridors", "water", "wildlife", "other", "unknown")
"""Groups of conflicts, in order."""
WATER = frozenset({"wetland", "marine", "freshwater"})
SPANS = ("permanent", "", "temporary", "shade")
"""At one level, what is permanent comes before the works."""
LEVELS = {3: "severe", 2: "moderate", 1: "minor", None: "not_assessed", 0: "none"}
"""Levels of significance from the worst, by name; what the matrix does not rate is not "none", so it comes before it."""


@dataclass(frozen=True)
class SeasonRule:
    """A rule on seasons or distances: `months` as "3-8" (empty: all year); not `sure` where it may not apply."""

    title: Text
    text: Text
    months: str
    sure: bool


@dataclass(frozen=True)
class ConflictCard:
    """One conflict in words, with what lists are ordered by."""

    conflict_id: str
    group: str
    kind_id: str
    subject_id: str
    """Kind of the designation or wildlife site, or group of the habitat."""
    geometry: BaseGeometry
    """EPSG:4326."""
    kind: Text
    name: Text
    """What is hurt."""
    subject: Text
    """Its kind."""
    line_id: str
    line: Text
    place: Text
    how: Text
    """By what work, for how long, in which phase."""
    size: Text
    extent: float
    """Hectares or metres inside; 0 where the conflict is near by."""
    away_m: float
    permanence: str
    layer: str
    assumed: bool
    confidence: tuple[str, str]
    """Of the work and of the layer."""
    sources: tuple[str, str]
    """The same."""
    severity: int | None
    """Significance, 3 (severe) to 0 (none); None where the matrix does not rate this conflict."""
    level: Text | None
    """The same in words; None where there is no row of the matrix for this part or site."""
    reason: Text
    rules: tuple[SeasonRule, ...]

    @property
    def said(self) -> dict[str, Any]:
        """All but the number and the shape: what conflicts of other scenarios may have in common with this one."""
        return {name: value for name, value in vars(self).items() if name not in ("conflict_id", "geometry")}

    @property
    def rank(self) -> tuple[int, int, int, float, str]:
        """The place in the list: by significance, then permanence, then group, then the largest or nearest first.

        Significance is that of :func:`corridor.ecology.appraisal.significance.combined_level`; there is no other score.
        """
        span = SPANS.index(self.permanence) if self.permanence in SPANS else len(SPANS)
        level, group = [*LEVELS].index(self.severity), GROUPS.index(self.group)
        return level, span, group, self.away_m - self.extent, self.conflict_id


def conflict_cards(view: EcologyView) -> list[ConflictCard]:
    """The conflicts of a scenario in words, in the order of their numbers.

    Parameters
    ----------
    view
        What the map shows of a scenario, with conflicts, significance and rules.
    """
    lines, known, levels, rules = line_names(view), places(view.places), _levels(view), _Rules(view)
    return [
        _card(row, lines[text_of(row["line_id"])], place_of(row, known), _level(row, levels), rules.of(row))
        for row in rows_of(view.conflicts)
    ]


def line_names(view: EcologyView) -> dict[str, Text]:
    """Names of the lines of a scenario, those of counterfactual and undecided lines marked (:func:`line_named`)."""
    parts = rows_of(view.parts.drop(columns="geometry"))
    known = {r["line_id"]: (text_of(r["status"]), flag_of(r["counterfactual"])) for r in parts}
    return {
        line_id: line_named(view.names.get(line_id) or Text(en=line_id), *known.get(line_id, ("", False)))
        for line_id in dict.fromkeys([*view.names, *view.courses["line_id"]])
    }


def _card(
    row: Mapping[str, Any],
    line: Text,
    place: Text,
    level: Mapping[str, Any] | None,
    rules: tuple[SeasonRule, ...],
) -> ConflictCard:
    name, severity = row_name(row), number_of(level["level"]) if level else None
    return ConflictCard(
        conflict_id=text_of(row["conflict_id"]),
        group=group_of(row),
        kind_id=text_of(row["kind"]),
        subject_id=text_of(row["subject"]),
        geometry=row["geometry"],
        kind=term("kind", row["kind"]),
        name=name if name.en else _unnamed(row),
        subject=_subject(row),
        line_id=text_of(row["line_id"]),
        line=line,
        place=place,
        how=_how(row),
        size=_size(row),
        extent=max(number_of(row[c]) or 0.0 for c in ("area_ha", "length_m")),
        away_m=number_of(row["distance_m"]) or 0.0,
        permanence=text_of(row["permanence"]),
        layer=text_of(row["layer"]),
        assumed=flag_of(row["assumed"]),
        confidence=(text_of(row["confidence"]), text_of(row["subject_confidence"])),
        sources=(text_of(row["source"]), text_of(row["subject_source"])),
        severity=None if severity is None else int(severity),
        level=level_name(level) if level else None,
        reason=row_name(level, "reason") if level else Text(en=""),
        rules=rules,
    )


def _unnamed(row: Mapping[str, Any]) -> Text:
    """What has no name in its layer: a stream by its id, or a habitat."""
    if text_of(row["subject"]) == "stream":
        return fill("stream_named", id=text_of(row["subject_id"]))
    return term("habitat", row["subject_id"] or "not_assessed")


def group_of(row: Mapping[str, Any]) -> str:
    """The group that a conflict belongs to, one of :data:`GROUPS`.

    Parameters
    ----------
    row
        A conflict, with ``kind`` and ``subject``.
    """
    kind = text_of(row["kind"])
    if kind == "habitat_take":
        return "water" if row["subject"] in WATER else "other"
    plain = {
        "designation_take": "designations", "corridor_crossing": "corridors", "corridor_take": "corridors",
        "wildlife_near": "wildlife", "not_assessed": "unknown", "stream_crossing": "water", "stream_take": "water",
    }  # fmt: skip
    return plain.get(kind, "other")


def level_name(row: Mapping[str, Any]) -> Text:
    """The level of significance of a row in words; for one without a level, that it was not assessed."""
    return t("level_not_assessed") if number_of(row["level"]) is None else term("level", row["level_name"])


_Levels = Mapping[tuple[str, str, str, str], Mapping[str, Any]]


def _levels(view: EcologyView) -> _Levels:
    """Rows of significance by line, kind of unit, unit and group."""
    keys = ("line_id", "unit_kind", "unit_id", "group")
    return {(r[keys[0]], r[keys[1]], r[keys[2]], r[keys[3]]): r for r in rows_of(view.significance)}


def _level(row: Mapping[str, Any], levels: _Levels) -> Mapping[str, Any] | None:
    """The significance for the part or site of a conflict, else for its line."""
    line, part, site = (text_of(row[c]) for c in ("line_id", "part_id", "site_id"))
    by_kind = {"designation_take": "protected", "wildlife_near": "wildlife_sites"}
    group = by_kind.get(text_of(row["kind"]), text_of(row["subject"]))
    own = (line, "site", site, group) if site else (line, "part", part, group)
    return levels.get(own) or levels.get((line, "line", line, group))


class _Rules:
    """Rules on seasons and distances by line, and by its part or site."""

    def __init__(self, view: EcologyView) -> None:
        self._of_line: dict[str, list[dict[str, Any]]] = {}
        for rule in rows_of(view.seasons):
            self._of_line.setdefault(rule["line_id"], []).append(rule)

    def of(self, row: Mapping[str, Any]) -> tuple[SeasonRule, ...]:
        """Rules on the part or site; for a wildlife site those that guard it, wherever along the line."""
        keys = ("subject_id",) if text_of(row["kind"]) == "wildlife_near" else ("part_id", "site_id")
        found: dict[str, SeasonRule] = {}
        for rule in self._of_line.get(text_of(row["line_id"]), []):
            if all(text_of(rule[k]) == text_of(row[k]) for k in keys) and rule["rule_id"] not in found:
                found[rule["rule_id"]] = SeasonRule(
                    title=row_name(rule, "title"),
                    text=row_name(rule, "rule"),
                    months=text_of(rule["months"]),
                    sure=flag_of(rule["sure"]),
                )
        return tuple(found.values())


def _subject(row: Mapping[str, Any]) -> Text:
    """What kind of place is hurt: the designation, the group of habitat, the kind of wildlife site."""
    prefixes = {"designations": "designation", "habitat": "group", "wildlife_sites": "wildlife"}
    prefix = prefixes.get(text_of(row["layer"]))
    return term(prefix, row["subject"]) if prefix and text_of(row["subject"]) else Text(en="")


def _how(row: Mapping[str, Any]) -> Text:
    return joined([*_how_parts(row)])


def _how_parts(row: Mapping[str, Any]) -> Iterator[Text]:
    """The kind of site, the component or the structure, for how long, in which phase."""
    if component := text_of(row["component"]):
        yield term("site" if row["site_id"] else "component", component)
    elif row["structure"]:
        yield term("structure", row["structure"])
    if permanence := text_of(row["permanence"]):
        yield t(permanence)
    if row["phase"]:
        yield term("phase", row["phase"])
    if text_of(row["kind"]) == "corridor_crossing":
        yield t("underground" if flag_of(row["underground"]) else "in_the_open")


def _size(row: Mapping[str, Any]) -> Text:
    if (area_ha := number_of(row["area_ha"])) is not None:
        return fill("eco_size", value=hectares(area_ha), unit=term("unit", "ha"))
    for column, key in (("length_m", "eco_size"), ("distance_m", "eco_away")):
        if (metres := number_of(row[column])) is not None:
            return fill(key, value=figure(round(metres)), unit=term("unit", "m"))
    return Text(en="–")
