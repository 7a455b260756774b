"""What every populated cell reaches."""
