"""The study's page, figures and CSV files."""
