"""Pages that open with no network: tables, answer and map of a comparison."""
