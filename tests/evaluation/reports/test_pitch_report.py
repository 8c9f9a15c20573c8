"""Errors at other keys, on notes and a model that are exact at every key."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.signal.windows import tukey

from synth_app.dataset.audio_io import write_wav16
from synth_app.dataset.nsynth import AUDIO_NAME, Note, audio_path, make_note, read_notes, write_notes
from synth_app.decoder import load_model
from synth_app.evaluation.reports.pitch_report import (
    PitchFigures,
    PitchSettings,
    _group_notes,
    _nearest_keys,
    pitch_figures,
)
from synth_app.modelfile import save_model_file
from tests.engine.conftest import SPECS, harmonic_tone, pitched_model

SPEC = SPECS[48_000]
PITCHES = (52, 55, 60)


def _note(pitch: int, velocity: int = 100, number: int = 0) -> Note:
    return make_note(
        note=number, instrument=0, family="organ", source="synthetic", index=0, pitch=pitch, velocity=velocity,
        sample_rate=SPEC.sample_rate,
    )  # fmt: skip


def _figures(folder: Path, decay_db: float) -> PitchFigures:
    """Return figures of three notes whose upper partials fall by ``decay_db`` in four seconds."""
    data = folder / "data"
    (data / AUDIO_NAME).mkdir(parents=True)
    notes = [_note(pitch, number=i) for i, pitch in enumerate(PITCHES)]
    for note in notes:
        f0_hz = 440.0 * 2.0 ** ((note.pitch - 69) / 12)
        dull, bright = (harmonic_tone(SPEC, f0_hz, slope, 4.0) for slope in (1.5, 0.5))
        fraction = 10.0 ** (-decay_db / 20 * np.arange(len(dull)) / len(dull))
        tone = dull if decay_db == 0.0 else dull + fraction * (bright - dull)
        sound = 0.9 * tone / np.abs(tone).max() * tukey(len(tone), 0.05)  # an abrupt end would spread the spectrum
        write_wav16(audio_path(data, note.note_str), sound.astype(np.float32), SPEC.sample_rate)
    write_notes(data, notes)
    path = folder / "pitched.safetensors"
    save_model_file(path, pitched_model(SPEC))
    figures, played = pitch_figures(load_model(path), str(path), data, read_notes(data), PitchSettings(count=3))
    assert {each.pitch for each in played} == set(PITCHES)
    return figures


def test_an_exact_model_has_small_errors_at_every_key(tmp_path: Path) -> None:
    found = _figures(tmp_path, decay_db=0.0)
    assert found.rmse_own_db < 3.0, "errors come only from the frames at the ends of a note"
    assert max(found.rmse_other_db, found.rmse_there_db) < found.rmse_own_db + 0.2
    assert (found.recorded_right, found.own_right, found.other_right) == (1.0, 1.0, 1.0)
    assert max(found.own_cents, found.other_cents) < 2.0
    assert min(found.rmse_moved_db, found.rmse_shaped_db) > 3.0, "the formants move, or the floor between partials does"


def test_bounds_from_the_nearest_key_and_the_mean_frame(tmp_path: Path) -> None:
    steady, moving = (_figures(tmp_path / name, decay) for name, decay in (("steady", 0.0), ("moving", 40.0)))
    assert moving.rmse_mean_db > steady.rmse_mean_db + 1.0
    assert steady.rmse_next_db <= min(steady.rmse_moved_db, steady.rmse_shaped_db) + 1.0


@pytest.mark.parametrize(("wanted", "next_key"), [(52, 55), (55, 52), (60, 55), (62, 60)])
def test_the_next_key_is_one_of_the_same_instrument_and_velocity(wanted: int, next_key: int) -> None:
    others = (replace(_note(wanted + 1), instrument_str="organ_synthetic_001"), _note(wanted + 1, velocity=50))
    groups = tuple(_note(pitch) for pitch in {*PITCHES, wanted})
    found = _nearest_keys(_group_notes((*groups, *others)), _note(wanted))
    assert found[0].pitch == next_key
    assert {each.pitch for each in found} == set(PITCHES) - {wanted}
