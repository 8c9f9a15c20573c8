"""The fidelity report of models whose sound is known, beside a SoundFont that plays a sine."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from synth_app.evaluation.fidelity import FidelityReport, NoteChoice, PageWriter, fidelity_report, parse_choice
from synth_app.modelfile import save_model_file
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


def _save(folder: Path, name: str, slope: float) -> Path:
    """Save a model that holds one steady tone of A4, whose partials fall with ``h^-slope``."""
    model = exact_model(SPECS[48_000])
    frame = unit_frame(SPECS[48_000], 440.0, slope)
    note = replace(model.bank[0], instrument="Grand", pitch=69)
    card = model.card.model_copy(update={"name": name})
    tensors = {**model.tensors, "dec.w": np.zeros_like(model.tensors["dec.w"]), "dec.b": frame}
    path = folder / f"{name}.safetensors"
    save_model_file(path, replace(model, card=card, tensors=tensors, bank=(note,)))
    return path


@pytest.fixture(scope="module")
def report(font: Path) -> FidelityReport:
    """The report of a model that plays the font's own sine."""
    return fidelity_report(_save(font.parent, "sine", 12.0), font, (A4,))


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
    bright = fidelity_report(_save(font.parent, "bright", 0.5), font, (A4,)).notes[0]
    assert bright.mel_db > 8.0 > report.notes[0].mel_db
    assert bright.centroid_ratio > 3.0


def test_the_page_has_the_pair_of_every_note(font: Path, tmp_path: Path) -> None:
    writer = PageWriter(tmp_path / "page")
    report = fidelity_report(font.parent / "sine.safetensors", font, (A4,), keep=writer.add)
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
        fidelity_report(font.parent / "sine.safetensors", font, (A4, NoteChoice(40, 69)))


@pytest.mark.parametrize("text", ["0", "a:60", "0:-1", "128:60", "0:128", ":"])
def test_other_texts_are_no_notes(text: str) -> None:
    with pytest.raises(UserError, match=r"0:60"):
        parse_choice(text)


def test_a_text_is_a_note() -> None:
    assert parse_choice("40:69") == NoteChoice(40, 69)
