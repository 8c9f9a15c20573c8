"""Bend, pressure, slide and wheel of every voice: targets by channel, glides by voice."""

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.control.beat import Beat
from synth_app.patch.patch import ENGINE_RATE
from synth_app.patch.performance_events import CHANNELS, MEMBER_BEND_RANGE, SOURCES, Source, Zones

BEND, PRESSURE, SLIDE, WHEEL = range(len(SOURCES))
_GLIDE_MS = 8.0  # hides the steps of 7-bit controllers; short enough for a trill by bending
_AT_REST = 1e-6
_DETACHED = -1

Float64s = NDArray[np.float64]


class Inputs:
    """Positions of all controllers, by channel, and the beat; shared by all instruments that sound.

    Attributes:
        zones: which channels have which master.
        serial: number of changes so far.
        beat: tempo and position in quarter notes.
        phrase_start: sample at which the present phrase began: a key went down while no other was held.
    """

    def __init__(self) -> None:
        self.beat = Beat()
        self.zones = Zones()
        self.serial = 0
        self.phrase_start = 0
        self._value = np.zeros((len(SOURCES), CHANNELS))
        self._key_pressure = np.zeros((CHANNELS, 128))
        self._range = np.full(CHANNELS, np.nan)  # semitones; NaN: the patch's bend range
        self._targets = np.zeros_like(self._value)
        self._targets_for = (-1, 0.0)

    def set(self, source: Source, value: float, channel: int) -> None:
        """Set a controller; ``value`` as in ``performance_events.Controller``."""
        self._value[SOURCES.index(source), channel] = value
        self.serial += 1

    def press_key(self, note: int, value: float, channel: int) -> None:
        """Set the pressure on one key, 0-1."""
        if value != self._key_pressure[channel, note]:
            self._key_pressure[channel, note] = value
            self.serial += 1

    def set_range(self, semitones: float | None, channel: int) -> None:
        """Set the semitones of a full bend; None for the patch's bend range."""
        self._range[channel] = np.nan if semitones is None else semitones
        self.serial += 1

    def set_zones(self, zones: Zones) -> None:
        """Set the channels' masters, and the bend ranges of the MPE specification."""
        self.zones = zones
        self._range[:] = np.nan
        for channel in range(CHANNELS):
            if zones.master(channel) != channel:
                self._range[channel] = MEMBER_BEND_RANGE
        self.serial += 1

    def reset(self) -> None:
        """Move every controller to its neutral position; zones and ranges stay."""
        self._value[:] = 0.0
        self._key_pressure[:] = 0.0
        self.serial += 1

    def targets(self, bend_range: float) -> Float64s:
        """Return the targets of each channel's voices, its master included: float64 [sources, channels].

        Bend is in semitones. Bends of a channel and its master add up; of the other sources the larger one counts.
        The same array is returned until something changes.
        """
        if self._targets_for != (self.serial, bend_range):
            self._targets_for = (self.serial, bend_range)
            own = self._value.copy()
            own[BEND] *= np.where(np.isnan(self._range), bend_range, self._range)
            masters = np.array([self.zones.master(channel) for channel in range(CHANNELS)])
            shared = np.where(masters != np.arange(CHANNELS), own[:, masters], 0.0)
            targets = np.maximum(own, shared)
            targets[BEND] = own[BEND] + shared[BEND]
            self._targets = targets
        return self._targets

    def key_pressure(self, channels: NDArray[np.int64], notes: NDArray[np.int64]) -> Float64s:
        """Return the pressure on single keys, float64 [keys], 0-1."""
        return self._key_pressure[channels, notes]


class Expression:
    """Controller values of one instrument's voices, which glide to the controllers' positions.

    Args:
        max_voices: rows.
        tick: samples between two ``step`` calls.
        inputs: positions of the controllers.

    Attributes:
        values: float64 [sources, voices], rows BEND (semitones), PRESSURE, SLIDE and WHEEL (0-1).
    """

    def __init__(self, max_voices: int, tick: int, inputs: Inputs) -> None:
        self.values = np.zeros((len(SOURCES), max_voices))
        self._inputs = inputs
        self._channel = np.zeros(max_voices, np.int64)
        self._note = np.zeros(max_voices, np.int64)
        self._glide = 1.0 - np.exp(-tick / (_GLIDE_MS * 1e-3 * ENGINE_RATE))
        self._seen = (inputs.serial, 0.0)
        self._resting = True

    def begin(self, v: int, channel: int, note: int, bend_range: float) -> None:
        """Start a voice at its channel's positions: events sent before the note must not glide."""
        self._channel[v], self._note[v] = channel, note
        self.values[:, v] = self._target(bend_range)[:, v]

    def detach(self, released: NDArray[np.bool_], channel: int) -> None:
        """Freeze released voices of a zone's member channel: the channel has its next note."""
        if self._inputs.zones.master(channel) != channel:
            self._channel[released & (self._channel == channel)] = _DETACHED

    def step(self, bend_range: float) -> None:
        """Glide one tick."""
        now = (self._inputs.serial, bend_range)
        if self._resting and now == self._seen:
            return
        self._seen = now
        distance = self._target(bend_range) - self.values
        self._resting = bool(np.abs(distance).max() < _AT_REST)
        self.values += distance * (1.0 if self._resting else self._glide)

    def _target(self, bend_range: float) -> Float64s:
        target = self._inputs.targets(bend_range)[:, self._channel]
        np.maximum(target[PRESSURE], self._inputs.key_pressure(self._channel, self._note), out=target[PRESSURE])
        return np.where(self._channel == _DETACHED, self.values, target)
