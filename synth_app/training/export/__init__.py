"""Trained models to model files: compression, note bank, axis names."""
