"""Journeys through parts of the window that share one running program."""
