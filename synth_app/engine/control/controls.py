"""Smoothed parameters, latent offset and automated handles of an instrument, updated once per tick."""

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.control.automation_player import AutomationPlayer
from synth_app.engine.control.macro_moves import MacroMoves
from synth_app.params import PARAMS, SPECTRAL_HANDLES, param_index
from synth_app.params.handles import BITE, MOVEMENT
from synth_app.patch.patch import ENGINE_RATE, OFFSET_SMOOTHING_MS, Patch

MORPH, MOTION, SUSTAIN = param_index("morph"), param_index("motion"), param_index("sustain")
DETAIL, STYLE = param_index("detail"), param_index("style")
BITE_DB, MOVEMENT_DB = param_index(BITE.target), param_index(MOVEMENT.target)
TUNE, FORMANT, WIDTH = param_index("tune_cents"), param_index("formant"), param_index("width")
ATTACK, DECAY, RELEASE = param_index("attack_s"), param_index("decay_s"), param_index("release_s")
VELOCITY, GAIN, SPREAD = param_index("velocity_db"), param_index("gain_db"), param_index("spread")
BRIGHTNESS, SNAP, TEMPO = param_index("velocity_tilt"), param_index("velocity_attack"), param_index("tempo_bpm")
LOCK, BEND_RANGE = param_index("lock"), param_index("bend_range")
MODE, GLIDE = param_index("voice_mode"), param_index("glide_s")
UNISON, DETUNE = param_index("unison"), param_index("detune_cents")
FILTER_ON, FILTER_TYPE, FILTER_POLES = map(param_index, ("filter_on", "filter_type", "filter_poles"))
CUTOFF, RESONANCE = param_index("filter_cutoff_hz"), param_index("filter_resonance_db")
FILTER_KEY, FILTER_VELOCITY = param_index("filter_key"), param_index("filter_velocity_oct")
FILTER_ENVELOPE, FILTER_SUSTAIN = param_index("filter_env_oct"), param_index("filter_sustain")
FILTER_ATTACK, FILTER_DECAY, FILTER_RELEASE = map(
    param_index, ("filter_attack_s", "filter_decay_s", "filter_release_s")
)

_ARRIVED = 1e-8  # a glide whose step is smaller, in the parameter's unit, jumps to its target


class Controls:
    """One-pole glides from the present values to the patch's.

    Args:
        latent_size: dimensions of the offset.
        tick: samples between two ``step`` calls.
        patch: applied at once.

    Attributes:
        params: present values in the order of ``params.PARAMS``; a view.
        offset: present latent offset, float64 [latent]; a view.
        offset_db: present level offset of each voice in dB, float64 [1]; a view.
        handle_steps: what automation adds to the handles at present, in steps, float64 [handles]; a view.
    """

    def __init__(self, latent_size: int, tick: int, patch: Patch) -> None:
        self.latent_size = latent_size
        others = latent_size + 1 + len(SPECTRAL_HANDLES)  # offset, its level, handles
        self._target = np.zeros(len(PARAMS) + others)
        milliseconds = np.array([p.smoothing_ms for p in PARAMS] + [OFFSET_SMOOTHING_MS] * others)
        with np.errstate(divide="ignore"):
            glide = 1.0 - np.exp(-tick / (milliseconds * 1e-3 * ENGINE_RATE))
        self._glide = np.where(milliseconds > 0.0, glide, 1.0)
        self._work = np.zeros_like(self._target)
        self._arrived = np.zeros(len(self._target), bool)
        self._automation, self._macros = AutomationPlayer(latent_size), MacroMoves()
        self.set(patch)
        self._value = self._target.copy()
        self.params: NDArray[np.float64] = self._value[: len(PARAMS)]
        end = len(PARAMS) + latent_size
        self.offset: NDArray[np.float64] = self._value[len(PARAMS) : end]
        self.offset_db: NDArray[np.float64] = self._value[end : end + 1]
        self.handle_steps: NDArray[np.float64] = self._value[end + 1 :]

    def set(self, patch: Patch) -> None:
        """Set new targets. An offset shorter than the latent space leaves the other dimensions at 0."""
        self._target[: len(PARAMS)] = patch.params
        offset = patch.offset[: self.latent_size]
        self._target[len(PARAMS) :] = 0.0
        self._target[len(PARAMS) : len(PARAMS) + len(offset)] = offset
        self._target[len(PARAMS) + self.latent_size] = patch.offset_db
        self._automation.set(patch)
        self._macros.set(patch, self._automation.index)
        self._macros.write(self._target)

    @property
    def gain_db(self) -> float:
        """Target of the output level, in dB."""
        return float(self._target[GAIN])

    @property
    def targets(self) -> NDArray[np.float64]:
        """Targets of all parameters, in table order; a view."""
        return self._target[: len(PARAMS)]

    @property
    def automated(self) -> bool:
        """Whether automation plays, so that each tick may change ``targets``."""
        return bool(len(self._automation.index))

    def begin(self, clock: int, phrase_start: int) -> None:
        """Jump to the start of the automation: a note that starts now must not glide there."""
        self._move(clock, phrase_start)
        for index in (self._automation.index, self._macros.index) if self.automated else ():
            self._value[index] = self._target[index]

    def step(self, clock: int, phrase_start: int) -> None:
        """Glide one tick towards the targets, after automation has moved them."""
        self._move(clock, phrase_start)
        np.subtract(self._target, self._value, out=self._work)
        self._work *= self._glide
        self._value += self._work
        np.abs(self._work, out=self._work)
        np.less(self._work, _ARRIVED, out=self._arrived)  # a pure exponential glide never ends: 0 must become 0
        np.copyto(self._value, self._target, where=self._arrived)

    def _move(self, clock: int, phrase_start: int) -> None:
        """Let automation, and macros that it may move, set their targets."""
        if self.automated:
            self._automation.write(clock, phrase_start, self._target)
            self._macros.write(self._target)
