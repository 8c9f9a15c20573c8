"""Notes on disk: NSynth's layout, SoundFont rendering, import of a user's folder, checks and splits."""
