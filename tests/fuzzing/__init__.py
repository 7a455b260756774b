"""Damaged input by chance: a small study, ways to spoil its files, and the commands they are given to."""
