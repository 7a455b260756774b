"""Scenario, line, catalogue, comparison and region files and layer tables: their schemas, and what is wrong with a file."""
