"""Views of the sound that plays: spectrum, spectrogram, scope, level."""
