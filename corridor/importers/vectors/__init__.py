"""Vector layers: files and databases read, features cleaned and given the columns that their role needs."""
