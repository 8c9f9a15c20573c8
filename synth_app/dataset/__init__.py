"""Notes on disk: NSynth's layout, SoundFont rendering, a user's folder, checks and splits."""
