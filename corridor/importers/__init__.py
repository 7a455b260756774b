"""Layers of one's own: read with limits, set right, checked, and entered in a study's catalogue whole or not at all."""
