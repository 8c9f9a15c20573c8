"""Error measures and signal measures."""
