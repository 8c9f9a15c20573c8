"""`synth-app score`: scores by both rules for the frames that count, the scores of PCA, and those of the card."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from synth_app.dataset.nsynth import read_audio, read_notes, write_notes
from synth_app.decoder import load_model
from synth_app.evaluation import produce_model, score_model
from synth_app.evaluation.metrics.frame_audibility import AudibleError
from synth_app.modelfile import load_model_file
from synth_app.spectrum import FrameSpec
from synth_app.training import TrainSettings
from synth_app.training.data.frame_cache import active_frames
from synth_app.training.data.split_and_pca import some_notes
from tests.cli.conftest import Command
from tests.training.conftest import write_sines


@pytest.fixture(scope="module")
def notes_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("score") / "sines"
    write_sines(folder)
    return folder


@pytest.fixture(scope="module")
def model_path(notes_folder: Path) -> Path:
    path = notes_folder.parent / "linear.safetensors"
    settings = TrainSettings(notes_folder, "pca", FrameSpec(8000, 128, 64, "hamming"), 4, threads=1)
    produce_model(settings, path, score_splits=("note",))
    return path


def test_score_prints_both_definitions_and_pca(synth: Command, notes_folder: Path, model_path: Path) -> None:
    done = synth("score", notes_folder, "--model", model_path, "--pca-of", notes_folder)
    assert done.status == 0
    rmse = score_model(load_model_file(model_path), notes_folder, read_notes(notes_folder))
    assert f"active: {rmse.pooled_db:.2f} dB pooled over {rmse.frames} frames, {rmse.per_note_db:.2f} dB" in done.out
    for said in ("paper: ", "frames over -80 dBFS", "over -100 dBFS", "held-out notes of the note split", "hamming"):
        assert said in done.out
    assert done.out.count("times its error") == 4  # by both rules, of PCA and of the harmonic envelope
    assert done.out.count("x PCA") == 1


def test_score_as_json_keeps_its_first_keys(synth: Command, notes_folder: Path, model_path: Path) -> None:
    done = synth("score", notes_folder, "--model", model_path, "--json")
    found = json.loads(done.out)
    first = {"model", "spec", "pooled_db", "per_note_db", "notes", "frames"}
    assert set(found) == first | {"harmonic_envelope", "rules", "audible", "held_out"}
    assert set(found["audible"]) == {"model", "harmonic_envelope"}
    assert found["rules"]["active"]["pooled_db"] == found["pooled_db"]
    assert found["rules"]["paper"]["frames"] >= found["frames"]
    assert found["held_out"][0]["split"] == "note"
    with_pca = json.loads(synth("score", notes_folder, "--model", model_path, "--pca-of", notes_folder, "--json").out)
    # PCA of all notes is at least as good as that of the model, which uses its training notes only
    assert with_pca["pca"]["pooled_db"] <= with_pca["pooled_db"] + 1e-3
    assert "pca" in with_pca["rules"]["paper"]
    assert set(with_pca["audible"]) == {"model", "harmonic_envelope", "pca"}


def test_score_measures_what_is_heard(synth: Command, notes_folder: Path, model_path: Path) -> None:
    """The same figures through the public decoder, frame by frame."""
    found = json.loads(synth("score", notes_folder, "--model", model_path, "--json").out)
    model, errors = load_model(model_path), AudibleError(FrameSpec(8000, 128, 64, "hamming"))
    for note in read_notes(notes_folder):
        samples, rate = read_audio(notes_folder, note)
        frames = model.frames(samples, rate)
        frames = frames[active_frames(frames.max(axis=1))]
        top = frames.max(axis=1, keepdims=True)
        true = np.maximum(frames - top, -100.0)
        errors.add_note(model.decode(*model.encode(frames)) - top, true, note.pitch)
    heard = found["audible"]["model"]
    assert heard["loud_db"] == pytest.approx(errors.result().loud_db, rel=1e-3)
    assert heard["mel_db"] == pytest.approx(errors.result().mel_db, rel=1e-3)
    assert heard["partials_db"] == pytest.approx(errors.result().partials_db, rel=1e-3)
    assert found["rules"]["active"]["harmonic_envelope"]["frames"] == found["frames"]


def test_score_of_a_split_equals_the_score_in_the_card(synth: Command, notes_folder: Path, model_path: Path) -> None:
    done = synth("score", notes_folder, "--model", model_path, "--split", "note", "--json")
    found, (card,) = json.loads(done.out), load_model_file(model_path).card.scores
    assert found["notes"] == card.notes < len(read_notes(notes_folder))
    assert found["pooled_db"] == pytest.approx(card.rmse_pooled_db, abs=0.01)
    refused = synth("score", notes_folder, "--model", model_path, "--split", "fold")
    assert refused.status == 2
    assert "choose one of note, instrument" in refused.err


def test_optimized_latents_are_no_worse(synth: Command, notes_folder: Path, model_path: Path) -> None:
    """For a linear decoder with orthogonal axes the encoder's latent vector is already the best one."""
    plain, refined = (
        json.loads(synth("score", notes_folder, "--model", model_path, *steps, "--json").out)["pooled_db"]
        for steps in ((), ("--gauss-newton-steps", 2))
    )
    assert refined == pytest.approx(plain, rel=1e-4)


def test_score_of_some_notes_is_that_of_their_own_folder(
    synth: Command, notes_folder: Path, model_path: Path, tmp_path: Path
) -> None:
    """Chosen notes depend on the seed alone; a number above all notes takes all."""
    few = ("score", notes_folder, "--model", model_path, "--notes", "3", "--json")
    found = json.loads(synth(*few).out)
    assert found["notes"] == 3
    assert found == json.loads(synth(*few).out)
    assert found["pooled_db"] != json.loads(synth(*few, "--seed", "1").out)["pooled_db"]
    chosen = some_notes(read_notes(notes_folder), 3, 0)
    shutil.copytree(notes_folder, tmp_path / "few")
    write_notes(tmp_path / "few", chosen)
    own_folder = json.loads(synth("score", tmp_path / "few", "--model", model_path, "--json").out)
    assert own_folder["pooled_db"] == found["pooled_db"]
    assert some_notes(chosen, 9, 0) == chosen
    assert synth("score", notes_folder, "--model", model_path, "--notes", "0").status == 2
