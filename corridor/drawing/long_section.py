"""The long section as a drawing: structures, stations and sites above, what the line crosses in strips below.

Levels are schematic and the drawing says so. What colour shows is shown by hatching, letters or words as well, so that
it prints in black and white.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from corridor.drawing import palette
from corridor.drawing.canvas import HATCHES, Across, Box, Disc, Drawing, Mark, Path, Rows, Words, line
from corridor.drawing.i18n import fill, listed, sentences, t, term
from corridor.drawing.legend import nice_step
from corridor.drawing.wrap import BOLD_EM, widest
from corridor.schema.line import BUILT
from corridor.schema.section import Band, Finding, LongSection, Run, SectionSite, Station
from corridor.schema.text import Text

WIDTH = 1100
LEFT, RIGHT = 152, 1086
INK, QUIET, FAINT, EARTH = "#1f2428", "#5c6166", "#d9d8d3", "#6b5a3c"
LEVEL_Y = {
    "viaduct": -30, "bridge": -30, "embankment": -12, "at_grade": 0, "cut_and_cover": 22, "immersed_tunnel": 30,
    "bored_tunnel": 42,
}  # fmt: skip
"""How far below ground a structure is drawn, in pixels; a convention of the drawing, no level."""
RAMP = 9
STRIP, GAP = 17, 5
SMALL = 10.5
OFF_LINE_M = 100.0
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


def long_section_drawing(section: LongSection) -> Drawing:
    """The long section, 1,100 pixels wide."""
    sheet = _Sheet(section)
    marks = list(sheet.drawn())
    return Drawing(fill("ls_title", name=section.name), section_in_words(section), WIDTH, sheet.top, marks)


def section_in_words(section: LongSection) -> Text:
    """The section read aloud: structures, stations, sites, habitats, designations and corridors with lengths."""
    permanent = sum(site.permanent for site in section.sites)
    lengths, stops = _lengths((b.structure, b) for b in section.bands), [s.name for s in section.stations]
    structures = {key: (term("structure", key), m) for key, m in lengths.items()}
    parts = [
        fill("ls_say_structures", list=_measured(structures)),
        *([fill("ls_say_stations", list=listed(stops))] if stops else []),
        fill("ls_say_sites", good=permanent, works=len(section.sites) - permanent),
    ]
    habitat = sorted(_named_lengths(section.habitat).items(), key=lambda item: (-item[1][1], item[0]))
    parts.append(fill("ls_say_habitat", list=_measured(dict(habitat))))
    for what, runs in (("designations", section.designations), ("corridors", section.corridors)):
        crossed = fill(f"ls_say_{what}", list=_measured(_named_lengths(runs)))
        parts.append(crossed if runs else t(f"ls_say_no_{what}"))
    warnings = [finding_text(f) for f in section.findings if f.severity == "warning"]
    return sentences([*parts, _not_known(section), *warnings])


def finding_text(finding: Finding) -> Text:
    """The sentences of a finding of a profile."""
    f = finding
    if f.kind == "no_sites":
        return fill("finding_no_sites", km=f"{f.value / 1000:.1f}")
    if f.kind == "no_portal":
        return fill("finding_no_portal", km=f"{f.from_m / 1000:.1f}")
    if f.kind == "site_area":
        key = "finding_site_area_less" if f.value < f.low else "finding_site_area_more"
        return fill(key, site=f.site_id, stated=f"{f.value:.2f}", low=f"{f.low:g}", high=f"{f.high:g}")
    start, end, km = (f"{m / 1000:.1f}" for m in (f.from_m, f.to_m, f.value))
    said = [fill("finding_access_spacing", km=km, start=start, end=end, limit=f"{f.limit:,.0f}")]
    if f.severity == "warning":
        said.append(fill("finding_access_precedent", high=f"{f.high:,.0f}"))
    return sentences(said)


def _lengths(runs: Iterable[tuple[str, Band | Run]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for key, run in runs:
        total[key] = total.get(key, 0.0) + run.to_m - run.from_m
    return total


def _named_lengths(runs: Sequence[Run]) -> dict[str, tuple[Text, float]]:
    names = {run.key: run.name for run in runs}
    return {key: (names[key], m) for key, m in _lengths((run.key, run) for run in runs).items()}


def _measured(lengths: dict[str, tuple[Text, float]]) -> Text:
    return listed([fill("ls_measured", name=name, km=_km(m)) for name, m in lengths.values()])


def _km(length_m: float) -> str:
    return f"{length_m / 1000:.2f}" if length_m < 995 else f"{length_m / 1000:.1f}"


def _not_known(section: LongSection) -> Text:
    known = section.not_assessed_m <= 0
    return t("ls_all_known") if known else fill("ls_not_assessed", km=_km(section.not_assessed_m))


class _Sheet:
    """One drawing: where a chainage is, and the parts of it from top to bottom; `top` is where the next begins."""

    def __init__(self, section: LongSection) -> None:
        self.section = section
        self.scale = (RIGHT - LEFT) / max(section.length_m, 1.0)
        self.stretches = _stretches(section.bands)
        self.stations = list(self._placed_stations())
        self.top = 0.0
        self.head = list(self._head())
        self.ground = self.top + 59 + 14 * max((row for *_, row in self.stations), default=0)
        step = nice_step(max(section.length_m, 1.0), 20, 100)
        self.ticks = [i * step for i in range(int(section.length_m / step) + 1)]

    def x(self, chainage_m: float) -> float:
        """Pixels from the left."""
        return LEFT + min(max(chainage_m, 0.0), self.section.length_m) * self.scale

    def drawn(self) -> Iterator[Mark]:
        """The marks from back to front."""
        body = [*self.head, *self._levels()]
        self.top += 12.0
        body += [
            *self._site_rows(), *self._questions(), *self._side_strip(), *self._habitat_strip(),
            *self._crossing_strips("ls_designations", self.section.designations, self._designation_look),
            *self._crossing_strips("ls_corridors", self.section.corridors, self._corridor_look),
        ]  # fmt: skip
        bottom = self.top + 2
        body += self._axis()
        yield from (line(self.x(m), self.ground - 40, self.x(m), bottom, FAINT, 0.7) for m in self.ticks)
        yield from body
        yield from self._legend()

    def _head(self) -> Iterator[Mark]:
        section = self.section
        about = fill("ls_about", status=term("status", section.status), km=f"{section.length_m / 1000:.1f}")
        published = dict.fromkeys(b.published_mpd for b in section.bands if b.published_mpd)
        levels = [
            fill("ls_published_level", level=f"{mpd:g}".replace("-", "−"), source=source)
            for mpd, source in published
        ]
        notes = [t("ls_schematic"), *levels] if levels else [sentences([t("ls_schematic"), t("ls_no_level")])]
        # a counterfactual scenario marks all its lines, also those that are being built
        invented = section.counterfactual and section.status not in BUILT
        unreal = [t("ls_counterfactual")] if invented else []
        heads = (
            (Words(8, 15, section.name, 15, bold=True), [Words(RIGHT, 15, n, colour=palette.WARNING, bold=True) for n in unreal]),
            (Words(8, 33, about, 12, QUIET), [Words(RIGHT, 33, n, colour=QUIET) for n in notes]),
        )  # fmt: skip
        down = 0.0
        for head, beside in heads:
            yield replace(head, y=head.y + down, width=RIGHT - 8, most=1)
            # beside each other where even bold letters would leave room, else below each other
            free = RIGHT - 24 - widest(head.scripts, head.size * BOLD_EM)
            for note in beside:
                down += 0 if widest(note.scripts, note.size * BOLD_EM) < free else 15
                yield replace(note, y=note.y + down, across="end")
                free = 0
        self.top = 51 + down

    # the section itself

    def _levels(self) -> Iterator[Mark]:
        for key, below in (("ls_above", -30), ("ls_ground", 0), ("ls_below", 42)):
            yield Words(LEFT - 14, self.ground + below, t(key), 11, QUIET, "end")
        for run in self.section.habitat:
            if run.kind in {"marine", "freshwater"}:
                deep = 12 if run.kind == "marine" else 7
                yield self._trough(run.from_m, run.to_m, deep, 6.0, palette.SEA, palette.COAST)
        yield line(LEFT, self.ground, RIGHT, self.ground, EARTH, 1.6)
        for structure, from_m, to_m in self.stretches:
            yield from self._structure(structure, from_m, to_m)
        yield self._track()
        yield from self._structure_names()
        for station, middle, row in self.stations:
            x, y = self.x(station.chainage_m), self.ground - 46 - 14 * row
            here = [LEVEL_Y[s] for s, a, b in self.stretches if a <= station.chainage_m <= b]
            track = self.ground + (here[0] if here else 0)
            yield line(x, y + 4, x, track, QUIET, 0.8)
            yield Disc(x, track, 5, "#fff", INK, 2)
            yield Words(middle, y - 4, station.name, 11.5, INK, "middle", bold=True)

    def _trough(self, from_m: float, to_m: float, deep: float, slope: float, colour: str, edge: str) -> Path:
        """A shape between the ground and a level below it (above, where `deep` is negative)."""
        a, b = self.x(from_m), self.x(to_m)
        slope, y = min(slope, (b - a) / 3), self.ground
        corners = ((a, y), (a + slope, y + deep), (b - slope, y + deep), (b, y))
        return Path((corners,), edge, 0.8, fill=colour, closed=True)

    def _structure(self, structure: str, from_m: float, to_m: float) -> Iterator[Mark]:
        a, b, y = self.x(from_m), self.x(to_m), self.ground + LEVEL_Y[structure]
        match structure:
            case "viaduct" | "bridge":
                step, wide, deep = (16.0, 2.0, 0.0) if structure == "viaduct" else (30.0, 4.0, 9.0)
                count = max(1, int((b - a) / step))
                for i in range(count):
                    pier = a + (i + 0.5) * (b - a) / count
                    yield Box(pier - wide / 2, y, wide, self.ground + deep - y, INK)
            case "embankment":
                yield self._trough(from_m, to_m, LEVEL_Y[structure], 4.0, "#cbbf9f", EARTH)
            case "cut_and_cover":
                yield Box(a, self.ground, b - a, y + 7 - self.ground, "#efe6d2", EARTH, dash="3 2")
            case "bored_tunnel":
                yield Box(a, y - 7, b - a, 14, "#e6e4df", INK, 1.1, radius=7)
            case "immersed_tunnel":
                yield Box(a, y - 7, b - a, 14, "#e6e4df", INK, 1.1, dash="6 2")

    def _track(self) -> Path:
        """The rails as one line, sloping where one structure passes into another."""
        points: list[tuple[float, float]] = []
        for i, (structure, from_m, to_m) in enumerate(self.stretches):
            a, b = self.x(from_m), self.x(to_m)
            y, ramp = self.ground + LEVEL_Y[structure], min(RAMP, (b - a) / 2)
            points += [(a + (ramp if i else 0), y), (b - (ramp if i < len(self.stretches) - 1 else 0), y)]
        return Path((points,), palette.RAIL, 2.6)

    def _structure_names(self) -> Iterator[Mark]:
        rows, last = Rows(9), 0
        for structure, from_m, to_m in self.stretches:
            name = fill("ls_measured", name=term("structure", structure), km=f"{(to_m - from_m) / 1000:.1f}")
            half = widest(name, 11) / 2
            middle = min(max((self.x(from_m) + self.x(to_m)) / 2, LEFT + half), RIGHT - half)
            row = rows.place(middle - half, middle + half)
            last = max(row, last)
            yield Words(middle, self.ground + 61 + 13 * row, name, 11, INK, "middle")
        self.top = self.ground + 65 + 13 * last

    def _placed_stations(self) -> Iterator[tuple[Station, float, int]]:
        """Stations with the middle of their names and the row of these, the lowest first."""
        rows = Rows(9)
        for station in self.section.stations:
            x, wide = self.x(station.chainage_m), widest(station.name, 11.5 * BOLD_EM) + 8
            left = min(max(x - wide / 2, LEFT - 100), WIDTH - wide)
            yield station, left + wide / 2, rows.place(left, left + wide)

    # the strips

    def _label(self, key: str) -> Words:
        return Words(LEFT - 14, self.top + 8.6, t(key), 11, INK, "end", bold=True, width=LEFT - 22)

    def _said(self, key: str) -> Words:
        return Words(LEFT + 4, self.top + 8.6, t(key), 11, QUIET, italic=True)

    def _site_rows(self) -> Iterator[Mark]:
        for key, permanent in (("ls_sites_good", True), ("ls_sites_works", False)):
            sites = [s for s in self.section.sites if s.permanent == permanent]
            yield self._label(key)
            if not sites:
                yield self._said("ls_no_sites")
            rows, last = Rows(9), 0
            for site in sites:
                row = rows.place(self.x(site.chainage_m) - 7.5, self.x(site.chainage_m) + 7.5)
                last = max(row, last)
                yield from self._site_mark(site, self.top + 1 + 17 * row)
            self.top += 17 * (last + 1) + GAP

    def _site_mark(self, site: SectionSite, y: float) -> Iterator[Mark]:
        x, off = self.x(site.chainage_m), site.offset_m >= OFF_LINE_M
        back, ink = ("#3b3f43", "#fff") if site.permanent else ("#fff", INK)
        if off and site.permanent:  # a dashed frame around a dark box needs air between the two
            yield Box(x - 7.5, y - 0.5, 15, 15, "#fff", INK, dash="2.5 1.8")
            yield Box(x - 5.5, y + 1.5, 11, 11, back)
        else:
            yield Box(x - 6.5, y + 0.5, 13, 13, back, INK, dash="2.5 1.8" if off else "")
        size = {"ha": f"{site.area_ha:.2f}", "km": f"{site.chainage_m / 1000:.2f}"}
        note = fill("ls_site_note", kind=term("site", site.kind), **size)
        yield Words(x, y + 7.3, LETTERS.get(site.kind, "?"), 9.5, ink, "middle", bold=True, note=note)

    def _questions(self) -> Iterator[Mark]:
        found = [f for f in self.section.findings if f.kind == "access_spacing"]
        if not found:
            return
        yield self._label("ls_questions")
        for finding in found:
            a, b = self.x(finding.from_m) + 1, self.x(finding.to_m) - 1
            graver = finding.severity == "warning"
            colour, ink = (palette.LOSS, "#fff") if graver else (palette.WORSE[0], INK)
            text = fill("ls_km", km=f"{(finding.to_m - finding.from_m) / 1000:.1f}")
            yield Box(a, self.top + 2, b - a, STRIP - 4, colour, palette.LOSS, 0.8)
            if widest(text, 10) + 4 < b - a:
                yield Words((a + b) / 2, self.top + 8.5, text, 10, ink, "middle")
        self.top += STRIP + GAP

    def _side_strip(self) -> Iterator[Mark]:
        if not self.section.sides:
            return
        yield self._label("ls_sides")
        yield self._run_box(0, self.section.length_m, "#fff")
        runs = sorted(self.section.sides, key=lambda run: run.from_m)
        for run in runs:
            yield self._run_box(run.from_m, run.to_m, palette.LAND)
            yield from self._inside(run.from_m, run.to_m, run.name)
        for a, b in pairwise(runs):
            if a.key != b.key:
                yield self._run_box(a.to_m, b.from_m, "", hatch="boundary")
                yield from self._inside(a.to_m, b.from_m, t("ls_boundary"), halo=True)
        self.top += STRIP + GAP

    def _habitat_strip(self) -> Iterator[Mark]:
        yield self._label("ls_habitat")
        for run in self.section.habitat:
            yield self._run_box(run.from_m, run.to_m, _habitat_colour(run), 0.3, hatch=_habitat_hatch(run))
        for run in self.section.habitat:
            yield from self._inside(run.from_m, run.to_m, run.name, halo=True)
        self.top += STRIP + GAP

    def _crossing_strips(self, key: str, runs: Sequence[Run], look: Look) -> Iterator[Mark]:
        yield self._label(key)
        if not runs:
            yield self._said("ls_none_crossed")
            self.top += STRIP + GAP
        for kind in dict.fromkeys(run.kind for run in runs):
            mine = [run for run in runs if run.kind == kind]
            colour, hatch, name = look(kind, mine)
            for run in mine:
                yield self._run_box(run.from_m, run.to_m, colour, hatch=hatch, opacity=0.55)
            yield self._beside(mine, name)
            self.top += STRIP + GAP

    def _designation_look(self, kind: str, runs: Sequence[Run]) -> tuple[str, str, Text]:
        drawn = palette.DESIGNATIONS.get(kind, palette.OTHER_DESIGNATION)
        length = _km(sum(run.length_m for run in runs))
        return drawn["colour"], drawn["hatch"], fill("ls_measured", name=term("designation", kind), km=length)

    def _corridor_look(self, kind: str, runs: Sequence[Run]) -> tuple[str, str, Text]:
        on = [b for b in self.section.bands for run in runs if b.from_m < run.to_m and b.to_m > run.from_m]
        below = all(LEVEL_Y[band.structure] > 0 for band in on)
        length = fill("ls_measured", name=runs[0].whole, km=_km(sum(run.length_m for run in runs)))
        return palette.CORRIDOR, "soft", fill("ls_under" if below else "ls_open", name=length)

    def _run_box(self, from_m: float, to_m: float, colour: str, weight: float = 0.7, hatch: str = "", opacity: float = 1) -> Box:  # fmt: skip
        a, b = self.x(from_m), self.x(to_m)
        return Box(a, self.top, max(b - a, 0.8), STRIP, colour, INK, weight, hatch=hatch, opacity=opacity)

    def _inside(self, from_m: float, to_m: float, text: Text, halo: bool = False) -> Iterator[Mark]:
        a, b = self.x(from_m), self.x(to_m)
        if widest(text, SMALL) + 6 < b - a:
            yield Words((a + b) / 2, self.top + 8.6, text, SMALL, INK, "middle", halo=halo)

    def _beside(self, runs: Sequence[Run], text: Text) -> Words:
        """The name of a strip where there is room: behind its last stretch, else before it, else below it."""
        ordered = sorted(runs, key=lambda run: run.from_m)
        ends = [LEFT, *(self.x(m) for run in ordered for m in (run.from_m, run.to_m)), RIGHT]
        wide = widest(text, SMALL) + 12
        across: Across = "start"
        free = [ends[i] + 6 for i in range(len(ends) - 2, 0, -2) if ends[i + 1] - ends[i] > wide]
        x: float
        if free:
            x = free[0]
        elif ends[1] - LEFT > wide:
            x, across = ends[1] - 6, "end"
        else:
            self.top += STRIP - 2
            x = max(LEFT, RIGHT - wide)
        return Words(x, self.top + 8.6, text, SMALL, INK, across, halo=True)

    # below the strips

    def _axis(self) -> Iterator[Mark]:
        y = self.top + 2
        yield line(LEFT, y, RIGHT, y, INK)
        for m in self.ticks:
            yield line(self.x(m), y, self.x(m), y + 5, INK)
            km = f"{m / 1000:g}"
            yield Words(self.x(m), y + 13, km, 11, INK, "middle", note=fill("eco_at_km", km=km))
        yield Words(LEFT - 14, y + 13, "km", 11, QUIET, "end")
        yield Words((LEFT + RIGHT) / 2, y + 28, t("ls_chainage"), 11, QUIET, "middle")
        self.top = y + 46

    def _legend(self) -> Iterator[Mark]:
        habitats = list({run.key: run for run in self.section.habitat}.values())
        y = self.top + 4
        spots, y = _flowed([widest(run.name, SMALL) + 30 for run in habitats], y)
        for run, (x, at) in zip(habitats, spots, strict=True):
            yield Box(x, at, 18, 11, _habitat_colour(run), INK, 0.6, hatch=_habitat_hatch(run))
            yield Words(x + 23, at + 5.8, run.name, SMALL, INK)
        kinds = {site.kind for site in self.section.sites}
        entries = [(letter, term("site", kind)) for kind, letter in LETTERS.items() if kind in kinds]
        if any(site.offset_m >= OFF_LINE_M for site in self.section.sites):
            entries.append(("", fill("ls_off_line", m=f"{OFF_LINE_M:.0f}")))
        spots, y = _flowed([widest(text, SMALL) + 26 for _, text in entries], y + 20)
        for (letter, text), (x, at) in zip(entries, spots, strict=True):
            if letter:
                yield Box(x + 0.5, at - 0.5, 12, 12, "#fff", INK)
                yield Words(x + 6.5, at + 5.7, letter, 9.5, INK, "middle", bold=True)
            yield Words(x + (18 if letter else 0), at + 5.8, text, SMALL, INK if letter else QUIET)
        spacing = any(f.kind == "access_spacing" for f in self.section.findings)
        for note in [_not_known(self.section), *([t("ls_question_note")] if spacing else [])]:
            y += 18
            yield Words(8, y + 5.8, note, SMALL, QUIET)
        self.top = y + 20


def _stretches(bands: Sequence[Band]) -> list[tuple[str, float, float]]:
    """Structure, from and to of neighbouring bands of one structure."""
    found: list[tuple[str, float, float]] = []
    for band in bands:
        begin = found.pop()[1] if found and found[-1][0] == band.structure else band.from_m
        found.append((band.structure, begin, band.to_m))
    return found


def _flowed(widths: Sequence[float], y: float) -> tuple[list[tuple[float, float]], float]:
    """Where things of some widths go one after another, in as many rows as they need, and the height of the last row."""
    spots, x = [], 8.0
    for wide in widths:
        x, y = (8.0, y + 17) if x + wide > RIGHT else (x, y)
        spots.append((x, y))
        x += wide + 8
    return spots, y


def _habitat_colour(run: Run) -> str:
    return run.colour or GROUP_COLOURS.get(run.kind, palette.NO_DATA)


def _habitat_hatch(run: Run) -> str:
    """The hatching of a habitat group; built-up ground has none."""
    return run.kind if run.kind in HATCHES else ""
