"""The filter of each voice: its response to drag, its knobs, its envelope."""
