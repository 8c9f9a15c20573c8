"""Views of the output: spectrum, spectrogram, scope, loudness, meter."""
