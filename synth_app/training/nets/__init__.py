"""Layers of the nets, their initial values, and their export to model files."""
