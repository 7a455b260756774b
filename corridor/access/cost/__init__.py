"""Generalised cost: fares and weighted time, its search, and the journeys of least cost."""
