"""Export of trained nets to model files: compression, note bank, axis names."""
