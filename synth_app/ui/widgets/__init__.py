"""Controls and panels without knowledge of the session."""
