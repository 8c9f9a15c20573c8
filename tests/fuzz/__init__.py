"""Structural fuzz of all loaders: whatever a file holds, the answer is a value or a UserError."""
