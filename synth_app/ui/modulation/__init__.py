"""Modulation sources, the modulation matrix, and modulation ranges shown on controls."""
