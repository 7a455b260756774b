"""Works: structures with their widths, vertical profiles, footprints."""
