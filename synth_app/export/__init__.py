"""Renders patches into audio files, in a process of its own. `formats` is the registry of file formats."""

from synth_app.export.audio_format import AudioFormat, BitDepth
from synth_app.export.formats import FORMATS, format_of, register_format
from synth_app.export.render_job import RenderJob
from synth_app.export.request import RATES, RenderRequest

__all__ = [
    "FORMATS",
    "RATES",
    "AudioFormat",
    "BitDepth",
    "RenderJob",
    "RenderRequest",
    "format_of",
    "register_format",
]
