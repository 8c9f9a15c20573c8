"""Recording from an input: a process with the device, and its client in the app. The playing process has no input."""
