"""Sounds into files: one note rendered by the engine in a process of its own, written as WAV."""

from synth_app.export.job import RenderJob
from synth_app.export.request import BITS, RATES, RenderRequest

__all__ = ["BITS", "RATES", "RenderJob", "RenderRequest"]
