"""Export, recording, drag and drop, pictures."""
