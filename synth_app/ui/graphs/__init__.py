"""Graphs with axes that the user zooms and edits, on pyqtgraph. Imported when the first opens, not with the window."""
