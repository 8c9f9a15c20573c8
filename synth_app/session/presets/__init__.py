"""Presets: library, transfer between models, variations, versions and morph."""
