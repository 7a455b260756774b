"""Shortest expected times: optimal strategies and the clock search."""
