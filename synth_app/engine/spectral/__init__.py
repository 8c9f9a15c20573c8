"""Spectral processing of decoded frames, and overlap-add of the result."""
