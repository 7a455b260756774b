"""Journeys between named places: itineraries, their spread, tables of times."""
