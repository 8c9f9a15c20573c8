"""Controls and panels that every part of the window uses."""
