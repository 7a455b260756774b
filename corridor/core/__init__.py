"""What every room stands on: errors, coordinates, the result cache, whole output, paths, progress."""
