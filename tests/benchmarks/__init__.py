"""Measurements: they print and write numbers, and assert none."""
