"""NSynth's instrument families. This module imports nothing, so that the window can use it too."""

FAMILIES = (
    "bass",
    "brass",
    "flute",
    "guitar",
    "keyboard",
    "mallet",
    "organ",
    "reed",
    "string",
    "synth_lead",
    "vocal",
)
"""The 11 families; the index is NSynth's ``instrument_family``."""
