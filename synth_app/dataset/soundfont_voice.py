"""Render single dry notes of one SoundFont preset with FluidSynth."""

import os
from ctypes import c_int, c_void_p
from pathlib import Path
from typing import Any

import numpy as np

from synth_app.dataset.audio_io import FloatArray
from synth_app.support.errors import UserError

_BLOCK = 64  # FluidSynth starts and stops notes at multiples of this many frames
_SEVENTH_ORDER = 7  # FLUID_INTERP_7THORDER, the best resampling of the font's samples
_LOG_LEVELS = (1, 2, 3, 4)  # error, warning, information, debug; return codes are checked instead


def load_fluidsynth() -> Any:
    """Import the ``fluidsynth`` binding.

    Raises:
        UserError: the binding or libfluidsynth is not installed.
    """
    try:
        import fluidsynth
    except (ImportError, OSError, AttributeError) as error:
        raise UserError(
            f"FluidSynth cannot be loaded ({error}); install it: `apt install libfluidsynth3` (Debian, Ubuntu), "
            "`brew install fluid-synth` (macOS)"
        ) from error
    return fluidsynth


class SoundFontVoice:
    """One preset of a SoundFont, played one note at a time without reverb or chorus.

    The same notes in the same order give the same samples. The effect of the order is inaudible; it exists because
    FluidSynth ramps the first 64 frames of a note from the previous gain and pan of its voice.
    """

    def __init__(self, path: Path, program: int, sample_rate: int, bank: int = 0) -> None:
        """Load the preset; ``sample_rate`` in Hz, 8000 to 96000.

        Raises:
            UserError: FluidSynth is missing, or cannot load the file or the preset.
        """
        self._fluid = load_fluidsynth()
        self._sample_rate = sample_rate
        _silence_log(self._fluid)
        self._write_float = self._fluid.cfunc(
            "fluid_synth_write_float",
            c_int,
            ("synth", c_void_p, 1),
            ("len", c_int, 1),
            ("lout", c_void_p, 1),
            ("loff", c_int, 1),
            ("lincr", c_int, 1),
            ("rout", c_void_p, 1),
            ("roff", c_int, 1),
            ("rincr", c_int, 1),
        )
        self._synth = self._fluid.Synth(
            gain=0.2,
            samplerate=float(sample_rate),
            channels=16,
            **{
                "synth.reverb.active": 0,
                "synth.chorus.active": 0,
                "synth.dynamic-sample-loading": 1,  # loads only this preset's samples, not 150 MB
            },
        )
        font = self._fluid.fluid_synth_sfload(self._synth.synth, os.fsencode(path), 0)  # any name, also not UTF-8
        if font == self._fluid.FLUID_FAILED:
            self.close()
            raise UserError(f"FluidSynth cannot load {path}; download the SoundFont again")
        set_interpolation = self._fluid.cfunc(
            "fluid_synth_set_interp_method", c_int, ("synth", c_void_p, 1), ("chan", c_int, 1), ("method", c_int, 1)
        )
        failed = self._synth.program_select(0, font, bank, program) == self._fluid.FLUID_FAILED
        if failed or set_interpolation(self._synth.synth, -1, _SEVENTH_ORDER) == self._fluid.FLUID_FAILED:
            self.close()
            raise UserError(f"FluidSynth cannot select program {program} of bank {bank} in {path}")

    def close(self) -> None:
        """Free the synthesizer."""
        self._synth.delete()

    def render(self, pitch: int, velocity: int, hold_s: float, release_s: float) -> FloatArray:
        """Render one note, held for ``hold_s`` seconds; mono, (L + R) / 2.

        Returns:
            Samples, shape [round((hold_s + release_s) * rate)], float32, at FluidSynth's gain of 0.2, unclipped.
            The key is released at the multiple of 64 frames nearest to ``hold_s``.
        """
        stereo = self.render_stereo(pitch, velocity, hold_s, release_s)
        mono: FloatArray = (stereo[:, 0] + stereo[:, 1]) * np.float32(0.5)
        return mono

    def render_stereo(self, pitch: int, velocity: int, hold_s: float, release_s: float) -> FloatArray:
        """Render one note as ``render``, in stereo: shape [samples, 2]."""
        return self.render_chord((pitch,), velocity, hold_s, release_s)

    def render_chord(self, pitches: tuple[int, ...], velocity: int, hold_s: float, release_s: float) -> FloatArray:
        """Render notes struck together as ``render``, in stereo: shape [samples, 2]."""
        frames = round((hold_s + release_s) * self._sample_rate)
        held = round(hold_s * self._sample_rate / _BLOCK) * _BLOCK
        total = -(-frames // _BLOCK) * _BLOCK
        for pitch in pitches:
            self._synth.noteon(0, pitch, velocity)
        sound = self._frames(held)
        for pitch in pitches:
            self._synth.noteoff(0, pitch)
        sound = np.concatenate([sound, self._frames(total - held)], axis=1)
        self._synth.all_sounds_off(0)
        self._frames(_BLOCK)  # the voices end one block later
        return np.ascontiguousarray(sound[:, :frames].T)

    def _frames(self, count: int) -> FloatArray:
        """Render the next ``count`` frames, shape [2, count]."""
        stereo = np.zeros((2, count), np.float32)
        left, right = (channel.ctypes.data_as(c_void_p) for channel in stereo)
        if self._write_float(self._synth.synth, count, left, 0, 1, right, 0, 1) == self._fluid.FLUID_FAILED:
            raise RuntimeError("fluid_synth_write_float failed")
        return stereo


def _silence_log(fluid: Any) -> None:
    """Keep the library from writing to stderr; it warns of every unused sample of a SoundFont."""
    set_log = fluid.cfunc(
        "fluid_set_log_function", c_void_p, ("level", c_int, 1), ("fun", c_void_p, 1), ("data", c_void_p, 1)
    )
    for level in _LOG_LEVELS:
        set_log(level, None, None)
