"""Random playing: keys all the time, bursts of slider moves, another model every few seconds."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.audio.client.audio_client import AudioClient
from synth_app.modelfile import load_model_file
from synth_app.params import PARAMS
from synth_app.patch import NoteOff, NoteOn, Patch, SetPatch

_NOTE_INTERVAL_S = (0.02, 0.15)
_BURST_INTERVAL_S, _BURST_S = 4.0, 1.5
_KEYS = range(30, 97)
# One voice per key and short releases, so that each held key is one active voice. The other values keep notes
# loud, but below the limiter.
_FIXED = {"attack_s": 0.002, "sustain": 1.0, "release_s": 0.03, "gain_db": -12.0, "voice_mode": 0.0, "unison": 1.0}
_FREE = tuple(spec for spec in PARAMS if spec.name not in _FIXED)


@dataclass(frozen=True)
class PlayableModel:
    """The properties of a model that the player needs: number of bank notes and range of the sliders."""

    path: str
    notes: int
    std: NDArray[np.float32]  # of each latent dimension

    @classmethod
    def of(cls, path: str) -> "PlayableModel":
        """Read a model file. Errors as ``load_model_file``."""
        file = load_model_file(Path(path))
        return cls(path, len(file.bank), file.stats.std)


class RandomPlayer:
    """Holds ``voices`` keys and changes them one by one; ``step`` does what is due.

    Attributes:
        patch: the patch sent last.
        notes, patches: number of keys pressed and of patches sent.
        model_changes: time.perf_counter() of each request for another model.
    """

    def __init__(
        self, client: AudioClient, models: Sequence[PlayableModel], voices: int, model_change_every_s: float, seed: int
    ) -> None:
        """Start with the first model; nothing is sent yet."""
        self._client = client
        self._models = models
        self._voices = voices
        self._model_change_every_s = model_change_every_s
        self._rng = np.random.default_rng(seed)
        self._model = 0
        self._held: list[int] = []
        self._note_at = self._model_change_at = self._burst_at = 0.0
        self.notes = self.patches = 0
        self.model_changes: list[float] = []
        self.patch = self._random_patch()

    def begin(self) -> None:
        """Press the first keys."""
        now = time.monotonic()
        self._model_change_at, self._burst_at = now + self._model_change_every_s, now + 1.0
        for _ in range(self._voices):
            self._press()

    def step(self) -> None:
        """Change a key, move a slider or change the model, as due."""
        now = time.monotonic()
        if now >= self._note_at:
            self._note_at = now + self._rng.uniform(*_NOTE_INTERVAL_S)
            self._client.send(NoteOff(self._held.pop(0)))
            self._press()
        if now >= self._model_change_at:
            self._model_change_at = now + self._model_change_every_s
            self._model = (self._model + 1) % len(self._models)
            self.model_changes.append(time.perf_counter())
            self._send(self._random_patch())
        elif now >= self._burst_at:
            self._send(self._varied_patch())
            if now >= self._burst_at + _BURST_S:
                self._burst_at = now + _BURST_INTERVAL_S

    def _press(self) -> None:
        key = int(self._rng.choice([key for key in _KEYS if key not in self._held]))
        self._held.append(key)
        self.notes += 1
        self._client.send(NoteOn(key, int(self._rng.integers(40, 128))))

    def _send(self, patch: Patch) -> None:
        self.patch = patch
        self.patches += 1
        self._client.send(SetPatch(patch))

    def _random_patch(self) -> Patch:
        """Return a patch of two notes of the current model with random sliders."""
        model = self._models[self._model]
        slot_a, slot_b = map(int, self._rng.integers(0, model.notes, 2))
        patch = Patch(model.path, slot_a, slot_b, tuple(map(float, self._rng.normal(0.0, model.std))))
        for spec in _FREE:
            patch = patch.with_param(spec.name, spec.from_normalized(float(self._rng.uniform())))
        for name, value in _FIXED.items():
            patch = patch.with_param(name, value)
        return patch

    def _varied_patch(self) -> Patch:
        """Return the current patch with one latent slider and one parameter at a random value."""
        std = self._models[self._model].std
        offset = list(self.patch.offset)
        i = int(self._rng.integers(len(offset)))
        offset[i] = float(self._rng.normal(0.0, std[i]))
        spec = _FREE[int(self._rng.integers(len(_FREE)))]
        return replace(self.patch, offset=tuple(offset)).with_param(
            spec.name, spec.from_normalized(float(self._rng.uniform()))
        )
