"""Tests of the layers and errors of the nets."""
