"""Counts of a batch that change between two networks: destinations that come within a cut-off, or fall out of it."""

from __future__ import annotations

import numpy as np

from corridor.access.reach.kernels import FAR
from corridor.core.jit import kernel_part


@kernel_part
def spans_of(old_left, new_left, points, look):  # type: ignore[no-untyped-def]
    """By old point, the least and the most time left to destinations to which it differs."""
    least, most = np.full(points.new_of.size, FAR, np.int16), np.zeros(points.new_of.size, np.int16)
    for p in range(look.new_points.size):
        if not look.new_points[p]:
            continue
        q, low, high = points.old_of[p], FAR, np.int16(0)
        for s in range(old_left.which.shape[0]):
            a, b = old_left.which[s, q], new_left.which[s, p]
            if s > 0 and a == old_left.which[s - 1, q] and b == new_left.which[s - 1, p]:
                continue
            for o in range(old_left.rows.shape[1]):
                old, new = old_left.rows[a, o], new_left.rows[b, o]
                low = min(low, min(old, new) if old != new else FAR)
                high = max(high, max(old, new) if old != new else np.int16(0))
        least[q], most[q] = low, high
    return least, most


@kernel_part
def may_cross(i, look, spans, cutoffs):  # type: ignore[no-untyped-def]
    """Whether a way of cell i can be within a cut-off by one network and not by the other: else none of its counts changes."""
    least, most = spans
    k = look.first[i]
    while k >= 0:
        q, seconds = look.point[k], np.int16(np.rint(look.seconds[k]))
        for cutoff in cutoffs:
            if least[q] + seconds <= cutoff < most[q] + seconds:
                return True
        k = look.following[k]
    return False


@kernel_part
def cross(before, after, cutoffs):  # type: ignore[no-untyped-def]
    """Whether any destination (lane) is within a cut-off by one and not by the other."""
    for c in range(cutoffs.size):
        cutoff = cutoffs[c]
        differ = np.int16(0)
        for o in range(before.size):
            differ |= np.int16(before[o] <= cutoff) ^ np.int16(after[o] <= cutoff)
        if differ:
            return True
    return False


@kernel_part
def add_crossed(counts, before, after, here, cutoffs):  # type: ignore[no-untyped-def]
    """Add to the counts (cut-off, kind) of a cell what comes within a cut-off, less what falls out of it."""
    crossed = np.empty(before.size, dtype=np.int32)
    any_lane = False
    for c in range(cutoffs.size):
        cutoff = cutoffs[c]
        more = np.int32(0)
        for o in range(before.size):
            crossed[o] = np.int32(after[o] <= cutoff) - np.int32(before[o] <= cutoff)
            more |= crossed[o]
        if more == 0:
            continue
        any_lane = True
        for w in range(here.shape[0]):
            total = np.int32(0)
            for o in range(before.size):
                total += crossed[o] * here[w, o]
            counts[c, w] += total
    return any_lane
