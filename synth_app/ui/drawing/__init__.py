"""Canvases, cached pictures and curve rasters that views draw on."""
