"""The session store, its undo history, and autosave."""
