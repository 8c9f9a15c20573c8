"""The session store, its history, and autosave."""
