"""Modulation sources, the matrix, and modulation rings on controls."""
