"""How a layer takes its place in a study: its entry in the catalogue, limits on files, coordinate systems and datums."""
