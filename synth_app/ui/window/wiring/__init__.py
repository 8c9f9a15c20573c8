"""How the parts of the main window work together: reports of the audio process, and what must not be disturbed."""
