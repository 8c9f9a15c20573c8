"""What widgets of all panels build on: number boxes and pickers, questions, plain text, presses, screen readers."""
