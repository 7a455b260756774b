"""What every room uses: errors, coordinates, the result cache, whole output, paths, progress."""
