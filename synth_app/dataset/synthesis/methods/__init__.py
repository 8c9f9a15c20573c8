"""Synthesis methods, one module each."""
