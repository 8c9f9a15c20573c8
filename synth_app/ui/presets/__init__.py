"""Preset bar, browser and tools."""
