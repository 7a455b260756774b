"""The long section as a drawing: structures, stations and sites above, what the line crosses in strips below.

Inline SVG with the words of all three scripts, of which the page shows one. Levels are schematic and the drawing
says so. What colour tells is told by hatching, letters or words as well, so that it prints in black and white.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corridor.drawing import palette
from corridor.drawing.findings import finding_text
from corridor.drawing.i18n import fill, listed, sentences, t, term
from corridor.schema.section import Band, LongSection, Run, SectionSite, Station
from corridor.schema.text import LANGS, Text
from corridor.web.html import esc, tag

WIDTH = 1100
LEFT, RIGHT = 152, 1086
INK, QUIET, FAINT = "#1f2428", "#5c6166", "#d9d8d3"
LEVEL_Y = {
    "viaduct": -30, "bridge": -30, "embankment": -12, "at_grade": 0, "cut_and_cover": 22, "immersed_tunnel": 30,
    "bored_tunnel": 42,
}  # fmt: skip
"""How far below ground a structure is drawn, in pixels; a convention of the drawing, no level."""
RAMP = 9
STRIP, GAP = 17, 5
OFF_LINE_M = 100.0
BOLD = 1.27
"""How much wider bold letters are than plain ones, of the widest font that a browser is likely to take."""
GROUP_COLOURS = {
    "wetland": "#2c7fb8", "marine": "#c6dbef", "freshwater": "#6baed6", "woodland": "#1b7837", "open": "#d9c86a",
    "farmland": "#e6ab02", "built": "#b5b5b5", "not_assessed": palette.NO_DATA,
}  # fmt: skip
LETTERS = {
    "station_box": "T", "depot": "D", "portal": "P", "shaft": "S", "ventilation_building": "V",
    "emergency_access": "E", "worksite": "W", "barging_point": "B", "spoil_yard": "Y", "casting_yard": "C",
}  # fmt: skip


Look = Callable[[str, Sequence[Run]], tuple[str, str, Text]]
"""How the strip of a kind looks: colour, hatching and name, from the kind and its stretches."""


def draw_long_section(section: LongSection) -> str:
    """The drawing as an inline SVG element, 1,100 wide; the same section gives the same bytes."""
    sheet = _Sheet(section)
    body, height = sheet.drawn()
    title, says = fill("ls_title", name=section.name), section_in_words(section)
    return tag(
        "svg",
        tag("title", esc(_all_scripts(title))),
        tag("desc", esc(_all_scripts(says))),
        sheet.patterns(),
        *body,
        viewBox=f"0 0 {WIDTH} {height:g}",
        width="100%",
        role="img",
        class_="long-section",
        font_size="11",
        style=f"max-width:{WIDTH}px;height:auto;display:block;background:#fff",
    )


def section_in_words(section: LongSection) -> Text:
    """The section read aloud: structures, stations, sites, habitats, designations and corridors with lengths."""
    good = sum(site.permanent for site in section.sites)
    parts = [
        fill(
            "ls_say_structures",
            list=_measured(_lengths((b.structure, b) for b in section.bands), "structure"),
        ),
        fill("ls_say_sites", good=good, works=len(section.sites) - good),
    ]
    if section.stations:
        parts.insert(1, fill("ls_say_stations", list=listed([s.name for s in section.stations])))
    names = {run.key: run.name for run in (*section.habitat, *section.designations, *section.corridors)}
    habitat = _lengths((run.key, run) for run in section.habitat)
    ordered = dict(sorted(habitat.items(), key=lambda item: (-item[1], item[0])))
    parts.append(fill("ls_say_habitat", list=_measured(ordered, names=names)))
    for what, runs in (("designations", section.designations), ("corridors", section.corridors)):
        found = _lengths((run.key, run) for run in runs)
        done = fill(f"ls_say_{what}", list=_measured(found, names=names)) if found else t(f"ls_say_no_{what}")
        parts.append(done)
    known = section.not_assessed_m <= 0
    parts.append(t("ls_all_known") if known else fill("ls_not_assessed", km=_km(section.not_assessed_m)))
    return sentences([*parts, *(finding_text(f) for f in section.findings if f.severity == "warning")])


def _lengths(runs: Iterable[tuple[str, Band | Run]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for key, run in runs:
        total[key] = total.get(key, 0.0) + run.to_m - run.from_m
    return total


def _measured(lengths_m: dict[str, float], prefix: str = "", names: dict[str, Text] | None = None) -> Text:
    named = {key: term(prefix, key) if prefix else (names or {})[key] for key in lengths_m}
    return listed([fill("ls_measured", name=named[key], km=_km(m)) for key, m in lengths_m.items()])


def _km(length_m: float) -> str:
    return f"{length_m / 1000:.2f}" if length_m < 995 else f"{length_m / 1000:.1f}"


def _all_scripts(text: Text) -> str:
    """Every script in turn: a title in SVG is plain text and cannot be switched."""
    return " / ".join(dict.fromkeys(text.in_script(lang) for lang in LANGS))


def _wide(text: Text, size: float) -> float:
    """About how many pixels the widest script takes."""
    return max(sum(size * (1.0 if ord(c) > 0x2E7F else 0.55) for c in text.in_script(lang)) for lang in LANGS)


def _words(text: Text) -> str:
    scripts = [text.in_script(lang) for lang in LANGS]
    if len(set(scripts)) == 1:
        return esc(scripts[0])
    return "".join(tag("tspan", esc(w), lang=lang) for lang, w in zip(LANGS, scripts, strict=True))


def _write(x: float, y: float, text: Text, **attributes: object) -> str:
    return tag("text", _words(text), x=f"{x:.1f}", y=f"{y:.1f}", **({"fill": INK} | attributes))


def _plain(text: str) -> Text:
    return Text(en=text)


def _line(
    x1: float, y1: float, x2: float, y2: float, stroke: str = INK, width: float = 1, **more: object
) -> str:
    return tag(
        "line", x1=f"{x1:.1f}", y1=f"{y1:.1f}", x2=f"{x2:.1f}", y2=f"{y2:.1f}", stroke=stroke,
        stroke_width=f"{width:g}", **more,
    )  # fmt: skip


def _box(x: float, y: float, width: float, height: float, fill: str, **more: object) -> str:
    return tag(
        "rect", x=f"{x:.1f}", y=f"{y:.1f}", width=f"{width:.1f}", height=f"{height:.1f}", fill=fill, **more
    )


@dataclass(frozen=True)
class _Stretch:
    """Neighbouring bands of one structure."""

    structure: str
    from_m: float
    to_m: float


class _Sheet:
    """One drawing: where a chainage lies, and the parts of it from top to bottom."""

    def __init__(self, section: LongSection) -> None:
        self.section = section
        self.scale = (RIGHT - LEFT) / max(section.length_m, 1.0)
        self.id = "ls" + hashlib.sha256(repr(section).encode()).hexdigest()[:10]
        self.stations = list(self._placed_stations())
        self.ground = 110.0 + 14 * max((row for *_, row in self.stations), default=0)
        self.top = 0.0

    def x(self, chainage_m: float) -> float:
        """Pixels from the left."""
        return LEFT + min(max(chainage_m, 0.0), self.section.length_m) * self.scale

    def drawn(self) -> tuple[list[str], float]:
        """The elements in order, and the height of the drawing."""
        body = [*self._head(), *self._levels()]
        self.top += 12.0
        strips = [
            *self._site_rows(), *self._questions(), *self._side_strip(), *self._habitat_strip(),
            *self._crossing_strips("ls_designations", self.section.designations, self._designation_look),
            *self._crossing_strips("ls_corridors", self.section.corridors, self._corridor_look),
        ]  # fmt: skip
        axis = self._axis()
        body = [*self._grid(), *body, *strips, *axis, *self._legend()]
        return body, self.top

    # the head

    def _head(self) -> Iterator[str]:
        section = self.section
        yield _write(8, 20, section.name, font_size=15, font_weight=600)
        about = fill("ls_about", status=term("status", section.status), km=f"{section.length_m / 1000:.1f}")
        yield _write(8, 37, about, fill=QUIET)
        if section.counterfactual:
            yield _write(
                RIGHT,
                20,
                t("ls_counterfactual"),
                text_anchor="end",
                font_weight=600,
                fill=palette.AXES["central"],
            )
        yield _write(RIGHT, 37, self._level_note(), text_anchor="end", fill=QUIET)

    def _level_note(self) -> Text:
        published = dict.fromkeys(b.published_mpd for b in self.section.bands if b.published_mpd)
        said = [
            fill("ls_published_level", level=f"{mpd:g}".replace("-", "−"), source=source)
            for mpd, source in published
        ]
        return sentences([t("ls_schematic"), *(said or [t("ls_no_level")])])

    # the section itself

    def _levels(self) -> Iterator[str]:
        for key, y in (
            ("ls_above", self.ground - 26),
            ("ls_ground", self.ground + 4),
            ("ls_below", self.ground + 46),
        ):
            yield _write(LEFT - 14, y, t(key), text_anchor="end", fill=QUIET)
        yield from self._water()
        yield _line(LEFT, self.ground, RIGHT, self.ground, "#6b5a3c", 1.6)
        stretches = self._stretches()
        for stretch in stretches:
            yield from self._structure(stretch)
        yield self._track(stretches)
        yield from self._structure_names(stretches)
        yield from self._station_marks()

    def _water(self) -> Iterator[str]:
        for run in self.section.habitat:
            if run.kind in {"marine", "freshwater"}:
                a, b = self.x(run.from_m), self.x(run.to_m)
                deep = 12 if run.kind == "marine" else 7
                edge = min(6.0, (b - a) / 3)
                points = f"{a:.1f},{self.ground} {a + edge:.1f},{self.ground + deep} {b - edge:.1f},{self.ground + deep} {b:.1f},{self.ground}"
                yield tag(
                    "polygon", points=points, fill=palette.SEA, stroke=palette.COAST, stroke_width="0.8"
                )

    def _stretches(self) -> list[_Stretch]:
        found: list[_Stretch] = []
        for band in self.section.bands:
            if found and found[-1].structure == band.structure:
                found[-1] = _Stretch(band.structure, found[-1].from_m, band.to_m)
            else:
                found.append(_Stretch(band.structure, band.from_m, band.to_m))
        return found

    def _structure(self, stretch: _Stretch) -> Iterator[str]:
        a, b, y = self.x(stretch.from_m), self.x(stretch.to_m), self.ground + LEVEL_Y[stretch.structure]
        if stretch.structure in {"viaduct", "bridge"}:
            step, wide = (16.0, 2.0) if stretch.structure == "viaduct" else (30.0, 4.0)
            count = max(1, int((b - a) / step))
            for i in range(count):
                at = a + (i + 0.5) * (b - a) / count
                foot = self.ground + (9 if stretch.structure == "bridge" else 0)
                yield _box(at - wide / 2, y, wide, foot - y, INK)
        elif stretch.structure == "embankment":
            points = f"{a:.1f},{self.ground} {a + 4:.1f},{y} {b - 4:.1f},{y} {b:.1f},{self.ground}"
            yield tag("polygon", points=points, fill="#cbbf9f", stroke="#6b5a3c", stroke_width="0.8")
        elif stretch.structure == "cut_and_cover":
            yield _box(
                a,
                self.ground,
                b - a,
                y + 7 - self.ground,
                "#efe6d2",
                stroke="#6b5a3c",
                stroke_dasharray="3 2",
            )
        elif stretch.structure in {"bored_tunnel", "immersed_tunnel"}:
            shape = {"rx": "7"} if stretch.structure == "bored_tunnel" else {"stroke_dasharray": "6 2"}
            yield _box(a, y - 7, b - a, 14, "#e6e4df", stroke=INK, stroke_width="1.1", **shape)

    def _track(self, stretches: list[_Stretch]) -> str:
        """The rails as one line, sloping where one structure passes into another."""
        points: list[tuple[float, float]] = []
        for i, stretch in enumerate(stretches):
            a, b = self.x(stretch.from_m), self.x(stretch.to_m)
            y, ramp = self.ground + LEVEL_Y[stretch.structure], min(RAMP, (b - a) / 2)
            points += [(a + (ramp if i else 0), y), (b - (ramp if i < len(stretches) - 1 else 0), y)]
        colour = palette.AXES["western"]
        drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        return tag(
            "polyline", points=drawn, fill="none", stroke=colour, stroke_width="2.6", stroke_linejoin="round"
        )

    def _structure_names(self, stretches: list[_Stretch]) -> Iterator[str]:
        rows, last = _Rows(3), 0
        for stretch in stretches:
            length = f"{(stretch.to_m - stretch.from_m) / 1000:.1f}"
            text = fill("ls_measured", name=term("structure", stretch.structure), km=length)
            middle, wide = (self.x(stretch.from_m) + self.x(stretch.to_m)) / 2, _wide(text, 11)
            middle = min(max(middle, LEFT + wide / 2), RIGHT - wide / 2)
            row = rows.place(middle - wide / 2, middle + wide / 2)
            last = max(row, last)
            yield _write(middle, self.ground + 65 + 13 * row, text, text_anchor="middle")
        self.top = self.ground + 65 + 13 * last

    def _placed_stations(self) -> Iterator[tuple[Station, float, int]]:
        """Stations with the middle of their names and the row these stand in, the lowest first."""
        rows = _Rows(4)
        for station in self.section.stations:
            x, wide = self.x(station.chainage_m), _wide(station.name, 11.5 * BOLD) + 8
            left = min(max(x - wide / 2, LEFT - 100), WIDTH - wide)
            yield station, left + wide / 2, rows.place(left, left + wide)

    def _station_marks(self) -> Iterator[str]:
        for station, middle, row in self.stations:
            x, y, track = (
                self.x(station.chainage_m),
                self.ground - 46 - 14 * row,
                self._track_y(station.chainage_m),
            )
            yield _line(x, y + 4, x, track, QUIET, 0.8)
            yield tag(
                "circle", cx=f"{x:.1f}", cy=f"{track:.1f}", r="5", fill="#fff", stroke=INK, stroke_width="2"
            )
            yield _write(middle, y, station.name, text_anchor="middle", font_size=11.5, font_weight=600)

    def _track_y(self, chainage_m: float) -> float:
        here = [s for s in self._stretches() if s.from_m <= chainage_m <= s.to_m]
        return self.ground + (LEVEL_Y[here[0].structure] if here else 0)

    # the strips

    def _label(self, key: str, y: float) -> str:
        return _write(LEFT - 14, y + 12.5, t(key), text_anchor="end", font_weight=600)

    def _said(self, key: str, y: float) -> str:
        return _write(LEFT + 4, y + 12.5, t(key), fill=QUIET, font_style="italic")

    def _site_rows(self) -> Iterator[str]:
        for key, permanent in (("ls_sites_good", True), ("ls_sites_works", False)):
            sites = [s for s in self.section.sites if s.permanent == permanent]
            yield self._label(key, self.top)
            if not sites:
                yield self._said("ls_no_sites", self.top)
            rows = _Rows(9)
            placed = [(s, rows.place(self.x(s.chainage_m) - 7.5, self.x(s.chainage_m) + 7.5)) for s in sites]
            for site, row in placed:
                yield from self._site_mark(site, self.top + 1 + 17 * row)
            self.top += 17 * (max((row for _, row in placed), default=0) + 1) + GAP

    def _site_mark(self, site: SectionSite, y: float) -> Iterator[str]:
        x, off = self.x(site.chainage_m), site.offset_m >= OFF_LINE_M
        fill_, ink = ("#3b3f43", "#fff") if site.permanent else ("#fff", INK)
        frame = {"stroke_dasharray": "2.5 1.8"} if off else {}
        # a dashed frame around a dark box needs air between the two
        if off and site.permanent:
            yield _box(x - 7.5, y - 0.5, 15, 15, "#fff", stroke=INK, stroke_width="1", **frame)
            yield _box(x - 5.5, y + 1.5, 11, 11, fill_)
        else:
            yield _box(x - 6.5, y + 0.5, 13, 13, fill_, stroke=INK, stroke_width="1", **frame)
        letter = LETTERS.get(site.kind, "?")
        yield tag(
            "text", tag("title", esc(_all_scripts(term("site", site.kind)) + f": {site.area_ha:.2f} ha, {site.chainage_m / 1000:.2f} km")), letter,
            x=f"{x:.1f}", y=f"{y + 10.6:.1f}", text_anchor="middle", fill=ink, font_size="9.5", font_weight="600",
        )  # fmt: skip

    def _questions(self) -> Iterator[str]:
        found = [f for f in self.section.findings if f.kind == "access_spacing"]
        if not found:
            return
        yield self._label("ls_questions", self.top)
        for finding in found:
            a, b = self.x(finding.from_m) + 1, self.x(finding.to_m) - 1
            wide = finding.severity == "warning"
            colour = palette.WORSE[-1] if wide else palette.WORSE[0]
            text = fill("ls_km", km=f"{(finding.to_m - finding.from_m) / 1000:.1f}")
            yield _box(
                a, self.top + 2, b - a, STRIP - 4, colour, stroke=palette.WORSE[-1], stroke_width="0.8"
            )
            if _wide(text, 10) + 4 < b - a:
                ink = "#fff" if wide else INK
                yield _write((a + b) / 2, self.top + 12, text, text_anchor="middle", fill=ink, font_size=10)
        self.top += STRIP + GAP

    def _side_strip(self) -> Iterator[str]:
        if not self.section.sides:
            return
        yield self._label("ls_sides", self.top)
        yield self._run_box(0, self.section.length_m, "#fff")
        runs = sorted(self.section.sides, key=lambda run: run.from_m)
        for run in runs:
            yield self._run_box(run.from_m, run.to_m, palette.LAND)
            yield from self._inside(run.from_m, run.to_m, run.name)
        for a, b in pairwise(runs):
            if a.key != b.key:
                yield self._run_box(a.to_m, b.from_m, f"url(#{self.id}-boundary)")
                yield from self._inside(a.to_m, b.from_m, t("ls_boundary"), halo=True)
        self.top += STRIP + GAP

    def _habitat_strip(self) -> Iterator[str]:
        yield self._label("ls_habitat", self.top)
        for run in self.section.habitat:
            yield self._run_box(run.from_m, run.to_m, _habitat_colour(run), stroke_width="0.3")
            if run.kind in _HATCHES:
                yield self._run_box(run.from_m, run.to_m, f"url(#{self.id}-{run.kind})", stroke="none")
        for run in self.section.habitat:
            yield from self._inside(run.from_m, run.to_m, run.name, halo=True)
        self.top += STRIP + GAP

    def _crossing_strips(self, key: str, runs: Sequence[Run], look: Look) -> Iterator[str]:
        yield self._label(key, self.top)
        if not runs:
            yield self._said("ls_none_crossed", self.top)
            self.top += STRIP + GAP
        for kind in dict.fromkeys(run.kind for run in runs):
            mine = [run for run in runs if run.kind == kind]
            colour, hatch, name = look(kind, mine)
            for run in mine:
                yield self._run_box(run.from_m, run.to_m, colour, fill_opacity="0.55")
                yield self._run_box(run.from_m, run.to_m, f"url(#{self.id}-{hatch})", stroke=INK)
            yield self._beside(mine, name)
            self.top += STRIP + GAP

    def _designation_look(self, kind: str, runs: Sequence[Run]) -> tuple[str, str, Text]:
        drawn = palette.DESIGNATIONS.get(kind, palette.OTHER_DESIGNATION)
        length = sum(run.to_m - run.from_m for run in runs)
        return (
            drawn["colour"],
            drawn["hatch"],
            fill("ls_measured", name=term("designation", kind), km=_km(length)),
        )

    def _corridor_look(self, kind: str, runs: Sequence[Run]) -> tuple[str, str, Text]:
        below = all(self._below(run) for run in runs)
        length = fill("ls_measured", name=runs[0].whole, km=_km(sum(run.to_m - run.from_m for run in runs)))
        return palette.CORRIDOR, "soft", fill("ls_under" if below else "ls_open", name=length)

    def _below(self, run: Run) -> bool:
        on = [b for b in self.section.bands if b.from_m < run.to_m and b.to_m > run.from_m]
        return all(LEVEL_Y[b.structure] > 0 for b in on)

    def _run_box(self, from_m: float, to_m: float, colour: str, **more: object) -> str:
        a, b = self.x(from_m), self.x(to_m)
        look = {"stroke": INK, "stroke_width": "0.7"} | more
        return _box(a, self.top, max(b - a, 0.8), STRIP, colour, **look)

    def _inside(self, from_m: float, to_m: float, text: Text, halo: bool = False) -> Iterator[str]:
        a, b = self.x(from_m), self.x(to_m)
        if _wide(text, 10.5) + 6 < b - a:
            more = {
                "stroke": "#fff",
                "stroke_width": "3",
                "paint_order": "stroke",
                "stroke_linejoin": "round",
            }
            look = more if halo else {}
            yield _write((a + b) / 2, self.top + 12.3, text, text_anchor="middle", font_size=10.5, **look)

    def _beside(self, runs: Sequence[Run], text: Text) -> str:
        """The name of a strip where there is room: behind its last stretch, else before it, else below it."""
        ordered = sorted(runs, key=lambda run: run.from_m)
        ends = [LEFT, *(self.x(m) for run in ordered for m in (run.from_m, run.to_m)), RIGHT]
        wide = _wide(text, 10.5) + 12
        look = {"font_size": 10.5, "stroke": "#fff", "stroke_width": "3", "paint_order": "stroke"}
        for i in range(len(ends) - 2, 0, -2):
            if ends[i + 1] - ends[i] > wide:
                return _write(ends[i] + 6, self.top + 12.3, text, **look)
        if ends[1] - LEFT > wide:
            return _write(ends[1] - 6, self.top + 12.3, text, text_anchor="end", **look)
        self.top += STRIP - 2
        return _write(max(LEFT, RIGHT - wide), self.top + 12.3, text, **look)

    # below the strips

    def _axis(self) -> Iterator[str]:
        y = self.top + 2
        yield _line(LEFT, y, RIGHT, y)
        for m in self._ticks():
            yield _line(self.x(m), y, self.x(m), y + 5)
            yield _write(self.x(m), y + 17, _plain(f"{m / 1000:g}"), text_anchor="middle")
        yield _write(LEFT - 14, y + 17, _plain("km"), text_anchor="end", fill=QUIET)
        yield _write((LEFT + RIGHT) / 2, y + 32, t("ls_chainage"), text_anchor="middle", fill=QUIET)
        self.top = y + 46

    def _grid(self) -> Iterator[str]:
        for m in self._ticks():
            yield _line(self.x(m), self.ground - 40, self.x(m), self.top, FAINT, 0.7)

    def _ticks(self) -> list[float]:
        step = next(
            s for s in (100, 200, 500, 1000, 2000, 5000, 10000, 1e9) if self.section.length_m / s <= 20
        )
        return [i * step for i in range(int(self.section.length_m / step) + 1)]

    def _legend(self) -> Iterator[str]:
        first = {run.key: run for run in self.section.habitat}
        x, y = 8.0, self.top + 4
        for run in first.values():
            wide = _wide(run.name, 10.5) + 30
            x, y = (8.0, y + 17) if x + wide > RIGHT else (x, y)
            yield _box(x, y, 18, 11, _habitat_colour(run), stroke=INK, stroke_width="0.6")
            if run.kind in _HATCHES:
                yield _box(x, y, 18, 11, f"url(#{self.id}-{run.kind})", stroke=INK, stroke_width="0.6")
            yield _write(x + 23, y + 9.5, run.name, font_size=10.5)
            x += wide + 8
        y += 20
        x = 8.0
        for kind in [k for k in LETTERS if any(s.kind == k for s in self.section.sites)]:
            text = term("site", kind)
            wide = _wide(text, 10.5) + 26
            x, y = (8.0, y + 17) if x + wide > RIGHT else (x, y)
            yield _box(x + 0.5, y - 0.5, 12, 12, "#fff", stroke=INK, stroke_width="1")
            yield _write(
                x + 6.5, y + 9, _plain(LETTERS[kind]), text_anchor="middle", font_size=9.5, font_weight=600
            )
            yield _write(x + 18, y + 9.5, text, font_size=10.5)
            x += wide + 8
        if any(site.offset_m >= OFF_LINE_M for site in self.section.sites):
            text = fill("ls_off_line", m=f"{OFF_LINE_M:.0f}")
            x, y = (8.0, y + 17) if x + _wide(text, 10.5) > RIGHT else (x, y)
            yield _write(x, y + 9.5, text, font_size=10.5, fill=QUIET)
        known = self.section.not_assessed_m <= 0
        notes = [t("ls_all_known") if known else fill("ls_not_assessed", km=_km(self.section.not_assessed_m))]
        if any(f.kind == "access_spacing" for f in self.section.findings):
            notes.append(t("ls_question_note"))
        for note in notes:
            y += 18
            yield _write(8, y + 9.5, note, font_size=10.5, fill=QUIET)
        self.top = y + 20

    def patterns(self) -> str:
        """The hatchings, under ids of this drawing."""
        drawn = {**_HATCHES, **_OVERLAYS}
        return tag(
            "defs",
            *(
                tag(
                    "pattern",
                    tag("path", d=path, fill="none", stroke=INK, stroke_opacity="0.55", stroke_width=width),
                    id=f"{self.id}-{name}",
                    width=size,
                    height=size,
                    patternUnits="userSpaceOnUse",
                )
                for name, (path, size, width) in sorted(drawn.items())
            ),
        )


class _Rows:
    """Rows for things side by side: each goes to the first row in which it does not lie over another."""

    def __init__(self, most: int) -> None:
        self.ends: list[float] = []
        self.most = most

    def place(self, a: float, b: float) -> int:
        """The row of what takes a to b; the last row where all are full."""
        for row, end in enumerate(self.ends):
            if a >= end:
                self.ends[row] = b
                return row
        if len(self.ends) < self.most:
            self.ends.append(b)
            return len(self.ends) - 1
        row = min(range(len(self.ends)), key=self.ends.__getitem__)
        self.ends[row] = b
        return row


def _habitat_colour(run: Run) -> str:
    return run.colour or GROUP_COLOURS.get(run.kind, palette.NO_DATA)


_HATCHES = {
    "wetland": ("M0 5q2 -3 4 0t4 0", 8, "1.1"),
    "marine": ("M0 2h8M0 6h8", 8, "0.7"),
    "freshwater": ("M0 3h4M4 7h4", 8, "0.9"),
    "woodland": ("M2 2h1.4M6 6h1.4", 8, "1.6"),
    "farmland": ("M2 0v8M6 0v8", 8, "0.8"),
    "open": ("M0 10L10 0", 10, "0.6"),
    "not_assessed": ("M0 0L8 8M8 0L0 8", 8, "0.8"),
}
"""Hatching of habitat groups: path, size and stroke; built-up ground has none."""

_OVERLAYS = {
    "up": ("M0 8L8 0", 8, "1"),
    "down": ("M0 0L8 8", 8, "1"),
    "level": ("M0 4h8", 8, "1"),
    "cross": ("M0 0L8 8M8 0L0 8", 8, "0.8"),
    "dots": ("M2 2h1.4M6 6h1.4", 8, "1.4"),
    "soft": ("M0 12L12 0", 12, "0.8"),
    "boundary": ("M0 6L6 0", 6, "0.5"),
}
