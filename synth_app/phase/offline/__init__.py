"""Phase reconstruction from all frames at once."""
