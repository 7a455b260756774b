"""Circuit theory: effective resistance and current between core areas."""
