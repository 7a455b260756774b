"""GTFS: a feed becomes lines of the network tables, and a scenario's network becomes a feed."""
