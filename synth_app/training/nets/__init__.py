"""Layers of the neural networks, and their export to decoder operations."""
