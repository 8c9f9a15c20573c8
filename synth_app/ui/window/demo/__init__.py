"""Mouse and keys of the demo, and of tests, sent to the real widgets."""
