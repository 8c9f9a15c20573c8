"""The pad, the timbre map and the morph pad."""
