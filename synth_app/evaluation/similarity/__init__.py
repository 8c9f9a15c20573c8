"""How alike two sounds are, whatever their keys: features of a sound, a learned metric, and its measurement."""
