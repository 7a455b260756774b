"""Land: habitat, designations, green corridors and wildlife sites, checked."""
