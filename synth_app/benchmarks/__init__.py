"""Measurements of speed, latency and stability. Nothing here is needed to play."""
