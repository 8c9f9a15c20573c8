"""What is on the timbre map beside its notes: regions, presets, the user's sounds, and a preview by hovering."""
