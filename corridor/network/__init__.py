"""What runs: stations, services, control points, walks; the graph of one scenario."""
