"""Colours, fonts, icons and zoom."""
