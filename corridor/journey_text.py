"""A journey as text for a terminal, and as plain data."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from corridor.access.journey import BusRide, Journey, Leg, clock_text
from corridor.access.spread import Spread


def journey_text(journey: Journey) -> str:
    """Legs with clock times, the control point used, and what every other one would cost."""
    lines = [
        f"{journey.origin} to {journey.destination}, {journey.scenario_id}, leaving {clock_text(journey.depart_clock_s)}: "
        f"{journey.time_s / 60:.0f} min (expected{_travellers(journey)})"
    ]
    for leg in journey.legs:
        lines.append(f"  {clock_text(leg.start_clock_s)}  {leg.time_s / 60:5.1f} min  {_leg(leg)}")
        lines += [f"                     {_ride(ride)}" for ride in leg.buses]
    shown = sum(leg.time_s for leg in journey.legs)
    if journey.share < 0.995:
        lines.append(
            f"  the likeliest way ({journey.share:.0%}) takes {shown / 60:.0f} min; over all ways {journey.time_s / 60:.0f}"
        )
    vehicle, wait = (sum(getattr(leg, f) for leg in journey.legs) / 60 for f in ("in_vehicle_s", "wait_s"))
    clear = sum(leg.clearance_s for leg in journey.legs) / 60
    lines.append(
        f"  in vehicles {vehicle:.1f} min, waiting {wait:.1f}, clearance {clear:.1f}, on foot, by local bus and feeder {shown / 60 - vehicle - wait - clear:.1f}"
    )
    if journey.checkpoints:
        lines.append(f"Through {' and '.join(journey.checkpoints)}, the soonest of these:")
    elif journey.alternatives:
        lines.append("Control points:")
    for other in journey.alternatives:
        time = f"{other.time_s / 60:5.1f} min" if other.time_s is not None else "   no way"
        lines.append(f"  {time}  {other.checkpoint_id}  ({other.reason})")
    if journey.load != 1 and journey.no_queue:
        lines.append(f"No queue modelled at {', '.join(journey.no_queue)}: capacity unknown")
    return "\n".join(lines)


def _travellers(journey: Journey) -> str:
    group = f", {journey.group}" if journey.group else ""
    return group + (f", {journey.load:g} times the mean day's passengers" if journey.load != 1 else "")


def _leg(leg: Leg) -> str:
    to = f"{leg.from_name} to {leg.to_name}"
    if leg.kind == "ride":
        clear = f" + clearance {leg.clearance_s / 60:.1f} at {leg.checkpoint_id}" if leg.checkpoint_id else ""
        rest = (leg.time_s - leg.wait_s - leg.in_vehicle_s - leg.clearance_s) / 60
        also = f"; or {' / '.join(leg.also)} if that comes first" if leg.also else ""
        return f"{' / '.join(leg.lines)}: {to}{also} (in vehicle {leg.in_vehicle_s / 60:.1f}, wait {leg.wait_s / 60:.1f}, platforms {rest:.1f}{clear})"
    if leg.kind == "clear":
        wait = f", waits {leg.wait_s / 60:.0f} for opening" if leg.wait_s > 0 else ""
        return f"clear {leg.checkpoint_id}: {to}{wait}"
    if leg.kind == "bus" or leg.buses:
        return f"local buses, walks and waits included: {to}" + (", likeliest" if leg.buses else "")
    return f"{'walk' if leg.kind == 'walk' else 'walk or feeder'}: {to}"


def _ride(ride: BusRide) -> str:
    walk = f"walk {ride.walk_s / 60:.1f}, " if ride.walk_s >= 3 else ""
    share = f"; {ride.share:.0%} go this way" if ride.share < 0.995 else ""
    routes = " / ".join(ride.routes)
    return f"{routes}: {ride.from_stop} to {ride.to_stop} ({walk}wait {ride.wait_s / 60:.1f}, in vehicle {ride.in_vehicle_s / 60:.1f}{share})"


def journey_data(journey: Journey) -> dict[str, Any]:
    """The journey as plain data; times in seconds, clocks in seconds after midnight."""
    return asdict(journey) | {"share": journey.share, "checkpoints": list(journey.checkpoints)}


def spread_text(spread: Spread) -> str:
    """One line with the percentiles; a second one where draws miss a last departure or a closing."""
    drawn = f"{spread.draws:,} draws, uniform phases and drawn clearance"
    missed = f"{spread.missed_share:.1%} miss a last departure or a closing"
    if math.isnan(spread.p50_s):
        return f"Nobody arrives: {missed} ({drawn})"
    p10, p50, p90 = (f"{s / 60:.0f}" for s in (spread.p10_s, spread.p50_s, spread.p90_s))
    text = f"10 % arrive within {p10} min, half within {p50}, 90 % within {p90} ({drawn})"
    return text + (f"; {missed} and are left out" if spread.missed_share > 0 else "")


def spread_data(spread: Spread) -> dict[str, Any]:
    """The spread as plain data; times in seconds, None where nobody arrives."""
    return {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in asdict(spread).items()}
