"""Public sources fetched by name."""
