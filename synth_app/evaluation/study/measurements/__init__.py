"""What the study measures, cell by cell."""
