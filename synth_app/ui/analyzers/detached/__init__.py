"""Analyzer windows: the output with axes, cursors, regions and export. Imported when the first one opens."""
