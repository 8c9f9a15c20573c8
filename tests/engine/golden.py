"""Golden renders: band levels of the shipped models' sound, as it was last checked by ear.

They are made with unrounded decoder weights. The rounding of large layers depends on the processor. From differences of
a few hundredths of a dB, phases drift apart within a second, and the sums of partials in a band change with them.

After an intended change of the sound, renew them with ``python -m tests.engine.golden`` and mention it in the commit.
"""

import itertools
from dataclasses import replace
from functools import partial
from pathlib import Path
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.decoding import decoder_runtime
from synth_app.engine.decoding.dense_layers import COMPILED
from synth_app.engine.decoding.matmul import pack_panels
from synth_app.engine.engine import Engine, prepare_instrument, render_events
from synth_app.modelfile import find_model, find_note, load_model_file
from synth_app.params import EFFECTS
from synth_app.patch import ENGINE_RATE, Event, NoteOff, NoteOn, Patch, SetPatch

FILE = Path(__file__).with_name("golden.npz")
_SECONDS = 1.2
_N_FFT, _HOP = 4096, 2048
_EDGES_HZ = np.geomspace(40.0, 20_000.0, 41)
FLOOR_DB = -70.0  # re the loudest band of the render


def _patch(model: str, a: str, b: str = "", **params: float) -> Patch:
    path = str(find_model(model))
    bank = load_model_file(path).bank
    names = [note.name for note in bank]
    slot_a, slot_b = (names.index(find_note(bank, name).name) for name in (a, b or a))
    patch = Patch(path, slot_a, slot_b)
    for name, value in params.items():
        patch = patch.with_param(name, value)
    return patch


def cases() -> dict[str, tuple[Patch, list[Event]]]:
    """Patch and events of every golden case."""
    piano = _patch("residual-vae-48k", "keyboard_acoustic_000-060-100")
    morph = _patch("residual-vae-48k", "keyboard_acoustic_000-060-100", "string_acoustic_007-060-100", morph=0.5)
    at = ENGINE_RATE
    chord = [Event(round(0.1 * i * at), NoteOn(key)) for i, key in enumerate((48, 55, 64, 71))]
    off = [Event(round(0.8 * at), NoteOff(key)) for key in (48, 55, 64, 71)]
    swept = replace(morph, offset=(1.5, -1.0, *(0.0,) * 14)).with_param("morph", 1.0)
    return {
        "piano": (piano, [Event(0, NoteOn(60)), Event(round(0.8 * at), NoteOff(60))]),
        "octaves": (piano, [Event(0, NoteOn(36)), Event(0, NoteOn(72)), Event(0, NoteOn(96))]),
        "chord": (piano.with_param("spread", 0.7), [*chord, *off]),
        "sweep": (morph, [Event(0, NoteOn(60)), Event(round(0.4 * at), SetPatch(swept))]),
        "eco": (replace(piano, quality="eco"), [Event(0, NoteOn(64))]),
        "fast": (replace(piano, quality="fast"), [Event(0, NoteOn(64))]),
        "studio": (replace(piano, quality="studio"), [Event(0, NoteOn(64))]),
        "effects": (_with_effects(piano), [*chord, *off]),
        "pca-16k": (_patch("pca-16k", "keyboard_acoustic_000-060-100"), [Event(0, NoteOn(60))]),
    }


def renders(*names: str) -> dict[str, NDArray[np.float32]]:
    """Golden cases rendered now, float32 [samples, 2]; all of them by default."""
    return {name: _render(patch, events) for name, (patch, events) in cases().items() if name in names or not names}


def _with_effects(patch: Patch) -> Patch:
    """Those behind the drive, at their usual settings, with short echoes."""
    for effect in EFFECTS[1:]:
        patch = patch.with_param(effect.switch_name, 1)
    return patch.with_param("delay_time_s", 0.15).with_param("eq_tilt_db", 4.0)


def _render(patch: Patch, events: list[Event]) -> NDArray[np.float32]:
    with mock.patch.object(decoder_runtime, "COMPILED", replace(COMPILED, pack=partial(pack_panels, halves=False))):
        instrument = prepare_instrument(patch.model, patch.quality, seed=1)
    engine = Engine(seed=1)
    engine.install(instrument, patch)
    return render_events(engine, events, round(_SECONDS * ENGINE_RATE))


def band_levels_db(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """Power in 40 bands over time, float32 [frames, bands, 2], dB re full scale, floored under the loudest."""
    starts = range(0, len(audio) - _N_FFT + 1, _HOP)
    window = np.hanning(_N_FFT)[:, None]
    power = np.stack([np.abs(np.fft.rfft(audio[i : i + _N_FFT] * window, axis=0)) ** 2 for i in starts])
    edges = np.round(_EDGES_HZ * _N_FFT / ENGINE_RATE).astype(int)
    bands = [power[:, low : max(high, low + 1)].sum(axis=1) for low, high in itertools.pairwise(edges)]
    level = 10.0 * np.log10(np.stack(bands, axis=1) / (window**2).sum() ** 2 + 1e-20)
    return np.asarray(np.maximum(level, level.max() + FLOOR_DB), np.float32)


def main() -> None:
    """Write the file again."""
    levels = {name: band_levels_db(audio).astype(np.float16) for name, audio in renders().items()}
    np.savez_compressed(FILE, allow_pickle=False, **levels)
    print(f"{FILE.name}: {', '.join(levels)}, {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
