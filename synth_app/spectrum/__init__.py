"""Audio to magnitude frames: windows, STFT in dB, per-frame gain, and scaling for networks."""

from synth_app.spectrum.frames import db_frames, stft_frames
from synth_app.spectrum.scaling import from_unit, remove_gain, restore_gain, to_unit
from synth_app.spectrum.spec import FrameSpec
from synth_app.spectrum.windows import WINDOWS, window

__all__ = [
    "WINDOWS",
    "FrameSpec",
    "db_frames",
    "from_unit",
    "remove_gain",
    "restore_gain",
    "stft_frames",
    "to_unit",
    "window",
]
