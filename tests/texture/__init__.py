"""Tests of texture statistics."""
