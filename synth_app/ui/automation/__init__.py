"""Recorded control moves on screen."""
