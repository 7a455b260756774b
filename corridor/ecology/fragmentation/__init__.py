"""Fragmentation: effective mesh size, patches and core areas."""
