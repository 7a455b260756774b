"""Flow maps of travellers: control points by crossings, and trips between the thirds of each side and them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import Literal

import numpy as np
from markupsafe import Markup
from shapely import Point

from corridor.drawing import map_marks, palette
from corridor.drawing.canvas import Across, Box, Disc, Drawing, Mark, Path, Ref, Words, line
from corridor.drawing.ground import Ground
from corridor.drawing.i18n import fill, t, term
from corridor.drawing.labels import Label, Rectangle, Room
from corridor.drawing.map_marks import EDGE, View, around, view
from corridor.drawing.numbers import figure, signed
from corridor.drawing.palette import INK, QUIET
from corridor.drawing.wrap import BOLD_EM, widest
from corridor.schema.text import Text
from corridor.study.travellers import Travellers
from corridor.web.demand_model import PEOPLE, Gate, trips
from corridor.web.templates import drawn, drawn_marks

State = Literal["after", "before"]
Spot = tuple[float, float]
"""Pixels across and down."""
WIDTH, HEIGHT = 960.0, 760.0
MARGIN_M = 3_500.0
GROUND = "demand-ground"
RADIUS = 0.062
"""Pixels of a control point's radius for the root of its crossings a day."""
LEAST_RADIUS = 3.0
FLOW_PX = 16.0
"""Width of the largest flow."""
LEAST_FLOW = 0.03
"""Of the largest flow, below which none is drawn."""
OWN, OTHER = palette.AXES[1:3]
"""Flows that cross in the third of their end, and those that cross in another."""
OTHER_DASH = "8 4"
STEPS = (1_000.0, 10_000.0)
"""Changes a day that part the colours."""
MORE_FIRST = palette.diverging(len(STEPS))
"""From many more to many fewer crossings: orange is more, purple fewer."""
RING = "4 3"
SAMPLE, MIDDLE = (38.0, 24.0), (19.0, 12.0)
KEY_TRIPS = 20_000.0
SIZE = 12.0
AWAY = (0.0, 14.0, 28.0, 44.0, 60.0)
"""Pixels beyond the edge of a circle at which a name is tried."""


@dataclass(frozen=True)
class Flow:
    """Trips a day between a third of one side and a control point, both directions.

    Attributes
    ----------
    side
        Side of the boundary: 0 south, 1 north.
    third
        Third of that side, one of :data:`corridor.study.demand.THIRDS`.
    trips, reference
        Trips a day in the scenario and in the reference.
    """

    side: int
    third: str
    checkpoint_id: str
    trips: float
    reference: float
    own: bool
    """Whether the control point is in the third of the end."""

    def of(self, state: State) -> float:
        """Trips a day in one of the two networks."""
        return self.trips if state == "after" else self.reference


@dataclass(frozen=True)
class FlowMap:
    """The two states of the map over one ground.

    Attributes
    ----------
    seen
        The part of the ground with all control points and ends.
    largest
        Trips a day of the flow that has the full width.
    """

    travellers: Travellers
    gates: Sequence[Gate]
    ground: Ground
    seen: View
    largest: float

    @cached_property
    def flows(self) -> list[Flow]:
        """All flows."""
        return flows(self.travellers)

    @cached_property
    def ends_at(self) -> dict[tuple[int, str], Spot]:
        """Where the thirds of each side are drawn."""
        where = self.travellers.ends_xy_m.items()
        return {(int(side), third): self.seen.at(*xy) for key, xy in where for side, third in [key.split()]}

    def picture(self, state: State, name: Text) -> Picture:
        """A state of the map as a page shows it, under the name of its scenario."""
        return picture(self.drawing(state, name), fill(f"demand_show_{state}", scenario=name), legend(state))

    def drawing(self, state: State, title: Text) -> Drawing:
        """One state of the map.

        Parameters
        ----------
        state
            ``after`` with changes, ``before`` the reference alone, in which control points without crossings are
            left out.
        title
            Title of the drawing.
        """
        gates = [g for g in self.gates if state == "after" or g.reference > 0]
        at = {g.checkpoint_id: self.seen.at(g.x_m, g.y_m) for g in gates}
        bar, taken = map_marks.scale_bar(self.seen, 5)
        room = Room(self.seen.edges(), [taken, *(square(*spot, 6) for spot in self.ends_at.values())])
        room.taken += [square(*at[g.checkpoint_id], _reach(g)) for g in gates]
        discs = [mark for g in gates for mark in disc(*at[g.checkpoint_id], g, state)]
        squares = [end_mark(*spot) for spot in self.ends_at.values()]
        names = self._names(room, gates, at, state)
        frame = Box(*self.seen.box, "", EDGE, 1)
        marks = [Ref(GROUND), *self._lines(at, state), *discs, *squares, *bar, *names, frame]
        return Drawing(title, t("demand_map_alt"), WIDTH, HEIGHT, marks)

    def _lines(self, at: dict[str, Spot], state: State) -> Iterator[Mark]:
        """Flows, the widest below."""
        for f in sorted(self.flows, key=lambda f: -f.of(state)):
            if f.of(state) > 0 and f.of(state) >= LEAST_FLOW * self.largest:
                weight = FLOW_PX * f.of(state) / self.largest
                yield _flow(self.ends_at[f.side, f.third], at[f.checkpoint_id], weight, f.own)

    def _names(self, room: Room, gates: Sequence[Gate], at: dict[str, Spot], state: State) -> Iterator[Mark]:
        """Names of control points with their crossings and change, and of the thirds."""
        for g in gates:
            said = fill("demand_with_change", trips=trips(g.trips), change=signed(g.change, PEOPLE))
            below = said if state == "after" else Text(en=trips(g.reference))
            yield from written(room, g.name, below, at[g.checkpoint_id], _reach(g) + 4)
        sides = list(self.ground.region.names.values())
        for (side, third), spot in self.ends_at.items():
            name = fill("demand_end", side=sides[side], third=term("demand_third", third))
            yield from written(room, name, None, spot, 9)


def ground_marks(seen: View, ground: Ground) -> list[Mark]:
    """What is drawn below, of one part of the ground."""
    return [
        Box(*seen.box, palette.LAND),
        seen.stroke(ground.district_lines, palette.DISTRICT, 0.7, "1.5 2.5", fine=0.7),
        *map_marks.water(seen, ground, 0.7, hatch=""),
        seen.stroke(ground.boundary, palette.BOUNDARY, 1.6, "8 3 2 3", fine=0.7),
    ]


def flow_maps(shown: Sequence[tuple[Travellers, Sequence[Gate]]], ground: Ground) -> list[FlowMap]:
    """Maps that compare: one part of the ground, one width of lines.

    Parameters
    ----------
    shown
        Each with its control points.
    ground
        What is drawn below.
    """
    at = [
        *(xy for one, _ in shown for xy in one.ends_xy_m.values()),
        *((g.x_m, g.y_m) for _, gates in shown for g in gates),
    ]
    seen = view(around([Point(*xy) for xy in at], MARGIN_M), 0, 0, WIDTH, HEIGHT)
    largest = max((max(f.trips, f.reference) for one, _ in shown for f in flows(one)), default=0.0)
    return [FlowMap(one, gates, ground, seen, largest) for one, gates in shown]


def flows(travellers: Travellers) -> list[Flow]:
    """Trips a day between each third of each side and each control point, both directions.

    A trip counts twice, once at its end on either side.
    """
    found = []
    for side, column in enumerate(("south_third", "north_third")):
        sums = travellers.ends.groupby([column, "checkpoint_id"])[
            ["trips_per_day", "reference_per_day"]
        ].sum()
        for (third, gate), row in sums.iterrows():
            trips_now, before = (float(v) for v in row)
            own = travellers.third_of_gate.get(gate) == third
            found.append(Flow(side, str(third), str(gate), trips_now, before, own))
    return found


def radius(daily: float) -> float:
    """Pixels of a circle whose area follows crossings a day."""
    return max(LEAST_RADIUS, RADIUS * sqrt(max(daily, 0.0)))


def disc(x: float, y: float, gate: Gate, state: State) -> list[Mark]:
    """Crossings at a control point as a circle; after, coloured by the change, with the reference as a ring.

    Parameters
    ----------
    x, y
        Its middle in pixels.
    gate
        The control point.
    state
        ``after`` or ``before``.
    """
    if state == "before":
        return [Disc(x, y, radius(gate.reference), "#ffffff", INK, 1.4)]
    inside = Disc(x, y, radius(gate.trips), colour(gate.change), INK, 1.2)
    return (
        [inside, Disc(x, y, radius(gate.reference), "", INK, 1.6, RING)] if gate.reference > 0 else [inside]
    )


def colour(change: float) -> str:
    """The colour of a change of crossings a day: orange more, purple fewer, neutral under 1,000."""
    step = int(np.digitize(abs(change), STEPS)) * (1 if change < 0 else -1)
    return MORE_FIRST[len(STEPS) + step]


def _reach(gate: Gate) -> float:
    """The radius of the larger of a control point's circle and ring."""
    return radius(max(gate.trips, gate.reference))


def square(x: float, y: float, reach: float) -> Rectangle:
    """The square around a point."""
    return (x - reach, y - reach, x + reach, y + reach)


def _flow(start: Spot, end: Spot, weight: float, own: bool) -> Mark:
    look = (OWN, "") if own else (OTHER, OTHER_DASH)
    return Path([(start, end)], look[0], max(weight, 0.8), look[1], opacity=0.5)


def end_mark(x: float, y: float) -> Mark:
    """The square of a place where trips end."""
    return Box(x - 5, y - 5, 10, 10, "#ffffff", INK, 1.8)


def written(room: Room, name: Text, below: Text | None, spot: Spot, reach: float) -> Iterator[Mark]:
    """A name, and figures below it, beside a point or, where that is taken, farther away with a line to it.

    Parameters
    ----------
    room
        What is taken already; the name's place is added.
    name, below
        In bold where there are figures below it.
    spot
        The point, in pixels.
    reach
        Pixels around it that stay free.
    """
    # the widest script counts, since the page can show each; 0.92: the estimate of widths is a high one
    wide = 0.92 * max(widest(name, SIZE) * BOLD_EM, widest(below, SIZE) if below else 0.0)
    for away in AWAY:
        label = Label(name.en, (spot,), SIZE * (2.1 if below else 1.05), 0, INK, gap=reach + away)
        box = room.place(label, wide)
        if box is None:
            continue
        left, top, right, bottom = box
        x, across = _anchor(left, right, spot[0])
        if away:
            yield line(*spot, x, bottom if bottom < spot[1] else top, QUIET, 0.8)
        bold = below is not None
        yield Words(x, top + 8, name, SIZE, INK if bold else QUIET, across, bold, not bold, halo=True)
        if below:
            yield Words(x, top + 22, below, SIZE, INK, across, halo=True)
        return


def _anchor(left: float, right: float, x: float) -> tuple[float, Across]:
    """Where a text between two edges begins, so that the shorter scripts stay beside its point."""
    if left >= x:
        return left, "start"
    return (right, "end") if right <= x else ((left + right) / 2, "middle")


@dataclass(frozen=True)
class Picture:
    """One map of a page on which a reader chooses the map to see: the drawing as HTML, its key as samples and words."""

    label: Text
    drawn: Markup
    key: tuple[tuple[Markup, Text], ...]


def picture(drawing: Drawing, label: Text, key: Iterable[tuple[list[Mark], Text]]) -> Picture:
    """A map as a page shows it, with samples of :data:`SAMPLE` pixels and their words."""
    return Picture(label, drawn(drawing), tuple((drawn_marks(marks), words) for marks, words in key))


# --- the legend ----------------------------------------------------------------------------------------


def legend(state: State) -> Iterator[tuple[list[Mark], Text]]:
    """What the marks of one state mean: a sample of :data:`SAMPLE` pixels, and its words."""
    yield _disc("#ffffff", radius(KEY_TRIPS)), fill("demand_key_circle", trips=figure(KEY_TRIPS))
    if state == "after":
        yield [Disc(MIDDLE[0], MIDDLE[1], 9, "", INK, 1.6, RING)], t("demand_key_ring")
        low, high = (figure(step) for step in STEPS)
        worded = [
            fill("demand_key_more", step=high), fill("demand_key_more_between", low=low, high=high),
            fill("demand_key_same", step=low), fill("demand_key_fewer_between", low=low, high=high),
            fill("demand_key_fewer", step=high),
        ]  # fmt: skip
        yield from zip((_disc(c, 8) for c in MORE_FIRST), worded, strict=True)
    across = (0.0, MIDDLE[1]), (SAMPLE[0], MIDDLE[1])
    yield [_flow(*across, 7, own=True)], t("demand_key_own")
    yield [_flow(*across, 7, own=False)], t("demand_key_other")
    yield [end_mark(*MIDDLE)], t("demand_key_end")
    yield boundary_key()


def boundary_key() -> tuple[list[Mark], Text]:
    """What the line of the boundary means."""
    across = (0.0, MIDDLE[1]), (SAMPLE[0], MIDDLE[1])
    return [Path([across], palette.BOUNDARY, 1.6, "8 3 2 3")], t("figure_boundary")


def _disc(paint: str, reach: float) -> list[Mark]:
    return [Disc(*MIDDLE, reach, paint, INK, 1.2)]
