"""The pad: map of notes, mixing of notes, and grids that modulation moves over."""
