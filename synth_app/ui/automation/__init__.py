"""Automation: recorded moves of controls, their curves and their recording."""
