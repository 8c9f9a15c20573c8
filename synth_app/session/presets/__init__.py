"""Presets: library, transfer between models, and variations."""
