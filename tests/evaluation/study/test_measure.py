"""Measurements of a cell against values computed directly, and frame rules against their texts."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synth_app.dataset.audio_io import write_wav16
from synth_app.dataset.nsynth import audio_path, read_audio, read_notes
from synth_app.dataset.splits import split_by_note
from synth_app.decoder import Model
from synth_app.evaluation.metrics.frame_rules import ACTIVE, PAPER, RULES, RuleErrors, errors_by_rule, kept_frames
from synth_app.evaluation.psm import measure_similarity
from synth_app.evaluation.study.measurements.interpolation import STEPS, choose_pairs, strip_files, write_strip
from synth_app.evaluation.study.measurements.measure import (
    Measurer,
    absolute_correlation,
    count_parameters,
    has_tanh_output,
)
from synth_app.evaluation.study.measurements.perceptual_similarity import SimilarityPanel, note_frames, to_sound
from synth_app.evaluation.study.measurements.results import load_result, save_result
from synth_app.modelfile import ModelFile
from synth_app.spectrum import db_frames
from synth_app.training import FitSettings, TrainSettings, train_model

FIT = FitSettings(epochs=2, batch_size=64, frames_per_note=40)


@pytest.fixture(scope="module")
def model(data: Path, tmp_path_factory: pytest.TempPathFactory) -> ModelFile:
    """A DAE trained for a moment."""
    from synth_app.spectrum import FrameSpec

    runs = tmp_path_factory.mktemp("runs")
    spec = FrameSpec(8000, 256, 128, "hamming", -100.0)
    return train_model(TrainSettings(data, "dae", spec, 4, fit=FIT, cache=runs, runs=runs, threads=1), "dae-4")


def test_errors_by_both_rules_are_those_of_the_audio(model: ModelFile, data: Path) -> None:
    notes = read_notes(data)[:3]
    active, paper = errors_by_rule(model, [kept_frames(data, note, model.card.frame_spec) for note in notes])
    runner = Model(model)
    for i, note in enumerate(notes):
        frames = db_frames(read_audio(data, note)[0], runner.spec)
        top = frames.max(axis=1)
        made = runner.decode(*runner.encode(frames))
        error = (made - np.maximum(frames, top[:, None] - 100.0)) ** 2
        for found, kept in ((active, (top >= -80) & (top >= top.max() - 60)), (paper, top > -100)):
            assert found.frames[i] == kept.sum()
            assert found.mean_squares[i] == pytest.approx(error[kept].mean(), rel=1e-3)


def test_the_end_of_a_decay_counts_by_the_papers_rule_alone(model: ModelFile, data: Path, tmp_path: Path) -> None:
    notes = read_notes(data)[:1]
    audio, rate = read_audio(data, notes[0])
    audio[len(audio) // 2 :] = 0.0
    audio[-1000:] = np.random.default_rng(0).uniform(-2, 2, 1000).astype(np.float32) * 1e-4
    (tmp_path / "audio").mkdir()
    write_wav16(audio_path(tmp_path, notes[0].note_str), audio, rate)
    active, paper = errors_by_rule(model, [kept_frames(tmp_path, notes[0], model.card.frame_spec)])
    assert paper.frames[0] > active.frames[0] + 5


def test_rules_match_their_texts() -> None:
    gain_db = np.array([-200.0, -99.0, -81.0, -79.0, -61.0, -20.0], np.float32)
    assert ACTIVE.keep(gain_db).tolist() == [False, False, False, True, True, True]
    assert PAPER.keep(gain_db).tolist() == [False, True, True, True, True, True]
    assert ACTIVE.keep(gain_db + 20).tolist() == [False, False, False, True, True, True]  # 60 dB under the loudest
    assert "-80" in ACTIVE.text
    assert "60 dB" in ACTIVE.text
    assert "-100" in PAPER.text


def test_pooled_and_per_note_weigh_frames_differently() -> None:
    rmse = RuleErrors("active", (1.0, 9.0, 0.0), (30, 10, 0)).rmse()
    assert rmse.pooled_db == pytest.approx(np.sqrt((30 * 1 + 10 * 9) / 40))
    assert rmse.per_note_db == pytest.approx(2.0)
    assert (rmse.notes, rmse.frames) == (2, 40)
    assert np.isnan(RuleErrors("active", (0.0,), (0,)).rmse().pooled_db)


def test_correlation_is_that_of_numpy_and_constant_dimensions_are_uncorrelated() -> None:
    z = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    z[:, 2] = 0.5 * z[:, 0] - 0.1 * z[:, 1]
    np.testing.assert_allclose(absolute_correlation(z), np.abs(np.corrcoef(z.T)), atol=1e-6)
    z[:, 1] = 3.0
    assert absolute_correlation(z)[1].tolist() == [0.0, 1.0, 0.0]
    assert absolute_correlation(np.zeros((1, 2), np.float32)).tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_a_cell_is_measured_and_stored(model: ModelFile, data: Path, tmp_path: Path) -> None:
    notes, spec = read_notes(data), model.card.frame_spec
    split = split_by_note(notes, seed=0)
    measurer = Measurer(data, notes, split, spec, similarity_count=2, seed=0)
    result = measurer.measure(model, "abc", "dae")
    assert result.notes == split.test
    assert set(result.similarity_notes) <= set(split.test)
    test = [kept_frames(data, n, spec) for n in notes if n.note_str in split.test]
    for found, exact in zip(result.errors, errors_by_rule(model, test), strict=True):
        np.testing.assert_allclose(found.mean_squares, exact.mean_squares, rtol=2e-3)
        assert found.frames == exact.frames
    assert result.train_rmse().notes == len(split.test)
    sizes = {name: tensor.size for name, tensor in model.tensors.items()}
    assert result.cost.encoder_parameters + result.cost.decoder_parameters == sum(sizes.values())
    assert result.cost.decoder_parameters == 4 * 128 + 128 + 128 * 129 + 129
    assert count_parameters(model.card.decoder[-1:], model.tensors) == 128 * 129 + 129
    assert has_tanh_output(model.card.encoder)
    assert not has_tanh_output(model.card.decoder)
    assert result.latent.saturated is not None
    assert 0 < result.cost.decode_us < 1e5
    assert (result.cost.epochs, result.cost.most_epochs) == (2, 2)
    runner = Model(model)
    matrices = []
    for name in split.test:
        audio, _ = read_audio(data, next(n for n in notes if n.note_str == name))
        frames = runner.frames(audio, 8000)
        z = runner.encode(frames)[0][ACTIVE.keep(frames.max(axis=1))]
        matrices.append(np.abs(np.corrcoef(z.T)))
    np.testing.assert_allclose(result.latent.correlation, np.mean(matrices, axis=0), atol=2e-3)
    off = ~np.eye(4, dtype=bool)
    assert result.latent.by_note[0] == pytest.approx(matrices[0][off].mean(), abs=2e-3)
    save_result(tmp_path, result)
    path = tmp_path / f"{result.name}.json"
    assert load_result(path) == result
    stored = json.loads(path.read_text())
    assert {"heard", "heard_notes", "code"} <= stored.keys()  # names in files do not change
    for errors in (*stored["errors"], *stored["train_errors"]):
        errors["rule"] = errors["rule"].replace("active", "sounding")  # as an earlier version wrote it
    path.write_text(json.dumps(stored))
    assert load_result(path) == result


def test_similarity_is_that_of_the_resynthesised_notes(model: ModelFile, data: Path) -> None:
    audio, rate = read_audio(data, read_notes(data)[0])
    panel, runner = SimilarityPanel([(audio, 60)], model.card.frame_spec), Model(model)
    original, found = panel.score(runner)
    note = note_frames(audio, 60, runner.spec)
    made = to_sound(runner.decode(*runner.encode(note.frames_db)), "original", note, runner.spec)
    assert original.psm[0] == pytest.approx(measure_similarity(audio, made, rate).psm, abs=1e-5)
    assert original.psm_t[0] == pytest.approx(measure_similarity(audio, made, rate).psm_t, abs=1e-5)
    untouched_original, untouched_found = panel.score(None)
    assert untouched_original.psm[0] > 0.999  # frames and phases together are the sound
    assert untouched_original.psm[0] > untouched_found.psm[0] > found.psm[0]


def test_pairs_share_a_pitch_and_no_note(data: Path) -> None:
    notes = list(read_notes(data))
    pairs = choose_pairs(notes, 0)
    assert len(pairs) == 3
    assert len({n.note_str for pair in pairs for n in pair}) == 6
    assert all(a.pitch == b.pitch and a.instrument_family != b.instrument_family for a, b in pairs)
    assert choose_pairs(notes, 0) == pairs != choose_pairs(notes, 1)
    one_family = [n for n in notes if n.instrument_family_str == "bass"]
    assert all(a.instrument_str != b.instrument_str for a, b in choose_pairs(one_family, 0))
    assert choose_pairs(notes[:1], 0) == ()


def test_strips_end_at_the_decoded_notes(model: ModelFile, data: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="optional: pip install 'synth-app[report]'")
    import soundfile
    from PIL import Image

    (tmp_path / "interpolations").mkdir()
    runner, notes = Model(model), read_notes(data)
    first, second = (note_frames(read_audio(data, notes[i])[0], notes[i].pitch, runner.spec) for i in (0, 4))
    strip = strip_files(tmp_path, "dae-4", 0)
    assert not strip.done
    write_strip(strip, runner, (first, second), runner.spec)
    assert strip.done
    sounds = [soundfile.read(path) for path in strip.sounds]
    assert len(sounds) == len(STEPS)
    assert all(rate == 8000 and len(wave) >= len(first.audio) for wave, rate in sounds)
    picture = np.array(Image.open(strip.picture).convert("L")).astype(float)
    width = (picture.shape[1] + 4) // 5
    tiles = [picture[:, i * width : (i + 1) * width - 4] for i in range(5)]
    assert abs(tiles[0] - tiles[4]).mean() > abs(tiles[0] - tiles[1]).mean() > 0  # step by step from one to the other
    decoded = runner.decode(*runner.encode(first.frames_db))
    loudest_bin = int(np.argmax(decoded.max(axis=0)))
    assert abs((len(tiles[4]) - 1 - int(tiles[4].max(axis=1).argmax())) - loudest_bin) <= 2


def test_rules_are_in_one_order() -> None:
    assert [rule.name for rule in RULES] == ["active", "paper"]
    assert replace(ACTIVE, name="x").keep is ACTIVE.keep
