"""Habitat connectivity: PC, IIC, ECA and dPC, and focal species."""
