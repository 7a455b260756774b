"""Layers that a user adds: read within limits, cleaned, checked, and entered in a study's catalogue whole or not at all."""
