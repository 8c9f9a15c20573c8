"""Measurements of the study, cell by cell."""
