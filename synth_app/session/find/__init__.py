"""Something like this: the notes, own sounds and presets that are nearest to a recording."""
