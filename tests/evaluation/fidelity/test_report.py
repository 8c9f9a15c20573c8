"""The fidelity report of models whose sound is known, beside a SoundFont that plays a sine."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from synth_app.evaluation.fidelity import Extent, FidelityReport, NoteChoice, PageWriter, fidelity_report, parse_choice
from synth_app.evaluation.fidelity.chords import chord_renderer
from synth_app.modelfile import load_model_file, noise_share, save_model_file
from synth_app.modelfile.correction import Correction
from synth_app.support.errors import UserError
from tests.dataset.conftest import sine_soundfont
from tests.engine.conftest import SPECS, exact_model, unit_frame

__all__ = ["sine_soundfont"]
A4 = NoteChoice(0, 69)


@pytest.fixture(scope="module")
def font(tmp_path_factory: pytest.TempPathFactory, sine_soundfont: Callable[..., bytes]) -> Path:
    path = tmp_path_factory.mktemp("fidelity") / "sine.sf2"
    path.write_bytes(sine_soundfont([(0, 0, "Grand"), (0, 40, "Violin")]))
    return path


def _save(folder: Path, name: str, slope: float, key: int = 69, correction: Correction | None = None) -> Path:
    """Save a model that holds one steady tone of A4, whose partials fall with ``h^-slope``, as a note of ``key``."""
    model = exact_model(SPECS[48_000])
    frame = unit_frame(SPECS[48_000], 440.0, slope)
    note = replace(model.bank[0], instrument="Grand", pitch=key, correction=correction)
    card = model.card.model_copy(update={"name": name})
    tensors = {**model.tensors, "dec.w": np.zeros_like(model.tensors["dec.w"]), "dec.b": frame}
    path = folder / f"{name}.safetensors"
    save_model_file(path, replace(model, card=card, tensors=tensors, bank=(note,)))
    return path


@pytest.fixture(scope="module")
def report(font: Path) -> FidelityReport:
    """The report of a model that plays the font's own sine."""
    return fidelity_report(_save(font.parent, "sine", 12.0), font, Extent((A4,)))


def test_a_model_that_plays_the_source_is_near_to_it(report: FidelityReport) -> None:
    (note,) = report.notes
    assert note.mel_db < 2.5
    assert note.centroid_ratio == pytest.approx(1.0, abs=0.1)
    assert note.made.flutter_percent < 0.5
    assert note.hnr_error_db == 0.0  # both are purer than 35 dB
    assert np.abs(note.source.fall_db).max() < 0.1  # a looped sine, and a held bank note
    assert np.abs(note.made.fall_db).max() < 0.5
    assert abs(note.made.image.balance_db) < 3.6  # a pure tone leans to one side by this at most


def test_a_bright_model_is_far_from_a_sine(report: FidelityReport, font: Path) -> None:
    bright = fidelity_report(_save(font.parent, "bright", 0.5), font, Extent((A4,))).notes[0]
    assert bright.mel_db > 8.0 > report.notes[0].mel_db
    assert bright.centroid_ratio > 3.0


def test_the_page_has_the_pair_of_every_note(font: Path, tmp_path: Path) -> None:
    writer = PageWriter(tmp_path / "page")
    report = fidelity_report(font.parent / "sine.safetensors", font, Extent((A4,)), keep=writer.add)
    page = writer.finish(report)
    text = page.read_text("utf-8")
    for name in ("000-069-source.flac", "000-069-model.flac", "000-069.png"):
        assert f'src="{name}"' in text
        assert (page.parent / name).is_file()
    sounds = [soundfile.read(page.parent / f"000-069-{kind}.flac")[0] for kind in ("source", "model")]
    assert sounds[0].shape == sounds[1].shape
    assert max(np.abs(each).max() for each in sounds) == pytest.approx(0.89, abs=0.01)
    saved = json.loads((page.parent / "fidelity.json").read_text("utf-8"))
    assert saved["notes"][0]["mel_db"] == report.notes[0].mel_db
    assert saved["summary"]["mel_worst_db"] == report.notes[0].mel_db


def test_default_notes_that_are_missing_are_named(font: Path) -> None:
    with pytest.raises(UserError, match=r"no bank note made from sine.sf2 for 0:60, 4:36"):
        fidelity_report(font.parent / "sine.safetensors", font)
    with pytest.raises(UserError, match="for 40:69"):
        fidelity_report(font.parent / "sine.safetensors", font, Extent((A4, NoteChoice(40, 69))))


def test_soft_strokes_are_compared_with_hard_ones(font: Path) -> None:
    path = _save(font.parent, "struck", 0.5, key=60)
    report = fidelity_report(path, font, Extent((NoteChoice(0, 60),), velocities=True))
    (note,) = report.velocities
    assert note.source_ratio == pytest.approx(1.0, abs=0.01), "the font's sine is equally bright at any velocity"
    assert 0.6 < note.made_ratio < 0.95, "Vel bright is at its default"
    assert report.as_dict()["velocities"][0]["off"] == note.off == pytest.approx(note.made_ratio - 1.0, abs=0.01)
    assert f"at most {abs(note.off):.0%}" in report.as_text()


def test_chords_are_played_in_both_sources(font: Path, tmp_path: Path) -> None:
    writer = PageWriter(tmp_path)
    report = fidelity_report(font.parent / "sine.safetensors", font, Extent((A4,), chords=True), keep=writer.add)
    first, second = report.chords  # those of program 0
    assert first.keys == (60, 64, 67)
    assert [each.name for each in first.made] == ["as shipped"], "the model has no corrections"
    assert first.made[0].mel_db < 4.0
    assert first.source.hnr_db > 30.0
    bright = fidelity_report(font.parent / "bright.safetensors", font, Extent((A4,), chords=True)).chords
    assert bright[0].made[0].mel_db > first.made[0].mel_db + 4.0
    page = writer.finish(report).read_text("utf-8")
    for chord in (first, second):
        assert f'src="{chord.stem}-source.flac"' in page
        assert (tmp_path / f"{chord.stem}-model.flac").is_file()
    assert "Grand 60 64 67" in report.as_text()


def test_chords_are_also_played_without_noise_and_detail(font: Path) -> None:
    bins, rows = SPECS[48_000].bins, 1
    correction = Correction(
        bins, bytes(rows * bins), np.full(rows, 0.1, np.float32).tobytes(), b"", bytes([200]) * noise_share.SIZE
    )
    path = _save(font.parent, "corrected", 12.0, correction=correction)
    (chord, _) = fidelity_report(path, font, Extent((A4,), chords=True)).chords
    assert [each.name for each in chord.made] == ["as shipped", "Detail 0", "no share of noise"]
    with chord_renderer(font, path, load_model_file(path), "live") as renderer:
        without = load_model_file(renderer.paths["no share of noise"]).bank[0].correction
    assert without == replace(correction, noise=b"")
    assert not Path(renderer.paths["no share of noise"]).exists()


@pytest.mark.parametrize("text", ["0", "a:60", "0:-1", "128:60", "0:128", ":"])
def test_other_texts_are_no_notes(text: str) -> None:
    with pytest.raises(UserError, match=r"0:60"):
        parse_choice(text)


def test_a_text_is_a_note() -> None:
    assert parse_choice("40:69") == NoteChoice(40, 69)
