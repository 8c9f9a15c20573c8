"""What panels need from the rest of the program, as protocols."""
