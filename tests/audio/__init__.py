"""Tests of the audio process and its client."""
