"""Canvases and cached rasters that views draw on."""
