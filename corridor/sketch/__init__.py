"""A line drawn on a map, scored while it is drawn: what `corridor sketch` serves."""
