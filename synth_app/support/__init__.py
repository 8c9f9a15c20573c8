"""Utilities that every other package may use: errors, atomic files, the disk cache, compiled-kernel set-up."""
