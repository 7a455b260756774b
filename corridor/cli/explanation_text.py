"""Why a journey takes its control point, as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping

from corridor.access.cost.explain import Clearing, CostDifference, Explanation, NextBest, NoWay, Parts
from corridor.access.search.journey import Objective
from corridor.cli.journey_text import LEAST_S
from corridor.drawing.i18n import term

TIME_WORDS = {
    "there_s": ("a longer way there", "a shorter way there"),
    "opening_s": ("a wait for opening", "no wait for opening"),
    "clearance_s": ("slower clearance", "faster clearance"),
    "onward_s": ("a longer way on", "a shorter way on"),
    "other_ways_s": ("fewer ways to choose from", "more ways to choose from"),
}
COST_WORDS = {
    "riding_s": ("more riding", "less riding"),
    "waiting_s": ("more waiting", "less waiting"),
    "on_foot_s": ("more walking", "less walking"),
    "clearance_s": ("more clearance", "less clearance"),
    "boardings_s": ("more boardings", "fewer boardings"),
    "fare_s": ("a higher fare", "a lower fare"),
    "other_s": ("fewer ways or rarer service", "more ways or denser service"),
}
NO_NOTES: Mapping[str, str] = {}


def explanation_text(why: Explanation) -> str:
    """An explanation in plain words for a terminal."""
    if not why.chosen or why.parts is None:
        return "This journey crosses no control point."
    parts, total = why.parts, why.time_s
    lines = [f"Why {' and '.join(c.checkpoint_id for c in why.chosen)}:"]
    opening = f", wait for opening {parts.opening_s / 60:.1f}" if parts.opening_s else ""
    other = f", other ways {parts.other_ways_s / 60:+.1f}" if abs(parts.other_ways_s) >= LEAST_S else ""
    lines.append(
        f"  way there {parts.there_s / 60:.1f} min{opening}, clearance {parts.clearance_s / 60:.1f}, "
        f"way on {parts.onward_s / 60:.1f}{other}: {total / 60:.1f} min"
    )
    lines += [f"  clearance: {_clearing_text(c)}" for c in why.chosen]
    if why.next_best is None:
        lines.append("No other control point is a way at this hour.")
    else:
        lines += _next_text(why.next_best, why.objective)
    reasons: dict[str, list[str]] = {}
    for n in why.no_way:
        reasons.setdefault(n.reason + _if_open(n, total), []).append(n.checkpoint_id)
    lines += [f"No way: {', '.join(points)}: {reason}" for reason, points in reasons.items()]
    return "\n".join(lines)


def _clearing_text(c: Clearing) -> str:
    words = [f"{term('regime', c.regime)}, {c.mean_of_all_min:.1f} min for the mean of all"]
    if c.group:
        words.append(f"{term('travellers', c.group)} {c.group_min:.1f}")
    if c.queue_min is None:
        words.append("no queue modelled: capacity unknown")
    elif c.load == 1:
        words.append("the mean day's queue is in it")
    else:
        words.append(f"queue {c.queue_min:+.1f} at {c.load:g} times the mean day")
    return "; ".join(words) + f"; nine of ten within {c.percentile_90_min:.0f}"


def _next_text(best: NextBest, objective: Objective) -> list[str]:
    name = best.clearing.checkpoint_id
    time = f"{best.time_s / 60:.1f} min, {best.more_s / 60:+.1f}: {_differences(best.difference, TIME_WORDS)}"
    cost = _cost_text(best)
    lines = [cost, time] if objective == "cost" and cost else [time, *([cost] if cost else [])]
    clearance = f"clearance: {_clearing_text(best.clearing)}"
    return [f"Next best {name}: {lines[0]}", *(f"  {line}" for line in (*lines[1:], clearance))]


def _cost_text(best: NextBest) -> str:
    d = best.cost_difference
    if d is None or best.cost_s is None or best.more_cost_s is None:
        return ""
    why = _differences(d, COST_WORDS, {"fare_s": f", HK${d.fare_hkd:+.1f}"})
    return f"generalised cost {best.cost_s / 60:.1f} min, {best.more_cost_s / 60:+.1f}: {why}"


def _differences(
    of: Parts | CostDifference, words: Mapping[str, tuple[str, str]], notes: Mapping[str, str] = NO_NOTES
) -> str:
    """What a difference is made of, with minutes, where it is worth a word."""
    parts = [(getattr(of, name), more_less, notes.get(name, "")) for name, more_less in words.items()]
    worth = [f"{more_less[s < 0]} ({s / 60:+.1f}{note})" for s, more_less, note in parts if abs(s) >= LEAST_S]
    return ", ".join(worth) or "hardly any difference"


def _if_open(n: NoWay, best_s: float) -> str:
    if n.if_open_s is None:
        return ""
    return f" (if it never closed: {n.if_open_s / 60:.0f} min, {(n.if_open_s - best_s) / 60:+.0f})"
