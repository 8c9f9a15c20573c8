"""Tests of slot S in the window."""
