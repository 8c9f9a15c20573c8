"""Compiled decoders: dense layers and matrix products."""
