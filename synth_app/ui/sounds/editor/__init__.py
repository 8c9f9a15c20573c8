"""The sample editor, in a window of its own. Imported when the first one opens, because it needs pyqtgraph."""
