"""Pad data: grids, timbre map, and mixing of notes."""
