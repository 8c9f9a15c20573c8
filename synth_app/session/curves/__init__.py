"""The curves of the handles that a patch moves."""
