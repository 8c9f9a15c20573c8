"""Sounds for blind comparisons of two models: the same notes, equally loud."""
