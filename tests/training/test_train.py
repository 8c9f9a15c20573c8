"""From notes to a model file, and jobs that are refused."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from synth_app.dataset.nsynth import read_notes
from synth_app.dataset.recordings import ImportSettings, import_folder
from synth_app.dataset.splits import k_fold_by_note, read_split
from synth_app.decoder import Model
from synth_app.modelfile import load_model_file, save_model_file
from synth_app.spectrum.spec import PAPER_SPEC
from synth_app.support.errors import UserError
from synth_app.training import FitSettings, Progress, TrainingCancelled, TrainSettings, train_model

FIT = FitSettings(epochs=2, batch_size=64, beta=1e-5, frames_per_note=30)


def test_model_file_is_complete_and_has_its_provenance(settings: TrainSettings, tmp_path: Path) -> None:
    told: list[Progress] = []
    model = train_model(replace(settings, fit=FIT, seed=4), "mine", report=told.append)
    path = tmp_path / "mine.safetensors"
    save_model_file(path, model)
    loaded = load_model_file(path)
    card = loaded.card
    assert card == model.card
    assert (card.family, card.latent_size, card.frame_spec) == ("residual-vae", 4, settings.spec)
    assert card.training.seed == 4
    assert card.training.epochs == 2
    assert "--family residual-vae" in card.training.command
    assert "--seed 4 --split note" in card.training.command
    assert card.training.settings["beta"] == 1e-5
    assert "KL divergence summed" in card.training.beta_convention
    assert set(card.training.versions) == {"synth_app", "python", "torch", "numpy"}
    assert (card.data.name, card.data.notes) == ("sines", 36)
    assert len(loaded.bank) == 36  # 12 instruments of three pitches
    assert {p.stage for p in told} >= {"axes", "fit", "bank"}
    assert len(set(card.axis_names)) == 4
    runner = Model(loaded)
    note = loaded.bank[0]
    frames = runner.decode(note.z, note.gain_db)
    np.testing.assert_allclose(frames.max(axis=1), note.gain_db, atol=6.0)  # the bank decodes to its own levels


def test_statistics_are_those_of_the_training_latent_vectors(settings: TrainSettings) -> None:
    model = train_model(replace(settings, family="pca"), "pca")
    np.testing.assert_allclose(model.stats.std, 1.0, atol=0.25)  # whitened, measured on a favoured sample
    np.testing.assert_allclose(model.stats.mean, 0.0, atol=0.4)
    assert (np.diff(model.stats.percentiles, axis=0) > 0).all()


def test_provenance_is_taken_from_the_data_set(settings: TrainSettings, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "font"
    shutil.copytree(settings.data, copy)
    source = {
        "soundfont": {"name": "Some Font", "copyright": "Somebody 2001", "comment": "MIT License"},
        "settings": {"hold_s": 0.5},
        "command": "synth-app dataset soundfont some.sf2 --out font",
        "instruments": [{"instrument_str": "bass_synthetic_001", "preset": "Big Bass"}],
    }
    (copy / "source.json").write_text(json.dumps(source))
    (copy / "NOTICE").write_text("Permission is hereby granted")
    model = train_model(replace(settings, data=copy, family="pca", cache=tmp_path / "cache"), "x")
    data = model.card.data
    assert (data.name, data.licence) == ("Some Font", "MIT")
    for text in ("Somebody 2001", "MIT License", "Permission is hereby granted"):
        assert text in data.notice
    names = {note.name.split("-")[0]: note.instrument for note in model.bank}
    assert names["bass_synthetic_001"] == "Big Bass"
    assert names["organ_synthetic_000"] == "organ_synthetic_000"
    assert all(note.marks.release_start <= 62 for note in model.bank)  # 0.5 s


def test_cancel_while_finding_axes(settings: TrainSettings) -> None:
    with pytest.raises(TrainingCancelled):
        train_model(settings, "x", cancel=lambda: True)


def test_equal_jobs_make_equal_models(settings: TrainSettings, tmp_path: Path) -> None:
    one, two = (train_model(replace(settings, fit=FIT, runs=tmp_path / run), "x") for run in ("a", "b"))
    for name, tensor in one.tensors.items():
        np.testing.assert_array_equal(tensor, two.tensors[name])
    other = train_model(replace(settings, fit=FIT, runs=tmp_path / "c", seed=1), "x")
    assert any((tensor != other.tensors[name]).any() for name, tensor in one.tensors.items())


def test_audio_at_another_rate_is_converted(settings: TrainSettings, tmp_path: Path) -> None:
    model = train_model(replace(settings, spec=PAPER_SPEC, family="pca", cache=tmp_path / "c"), "x")
    assert model.card.frame_spec == PAPER_SPEC
    assert model.bank[0].gain_db.max() > -30


def test_the_split_is_stored_and_can_be_reused(settings: TrainSettings, tmp_path: Path) -> None:
    notes = read_notes(settings.data)
    train_model(replace(settings, family="pca", split="fold-3", seed=2), "x")
    kept = next(settings.runs_folder.glob("pca-8000-fold-3-*")) / "split.json"
    assert read_split(kept, notes) == k_fold_by_note(notes, seed=2)[2]
    again = train_model(replace(settings, family="pca", split=str(kept), runs=tmp_path / "again"), "x")
    other = train_model(replace(settings, family="pca", split="note", runs=tmp_path / "again"), "x")
    first = train_model(replace(settings, family="pca", split="fold-3", seed=2), "x")
    for name, tensor in first.tensors.items():
        np.testing.assert_array_equal(again.tensors[name], tensor)
    assert any((again.tensors[name] != tensor).any() for name, tensor in other.tensors.items())


def test_a_folder_of_wavs_can_be_learned_from(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    t = np.arange(22_050) / 22_050
    for instrument in range(4):
        for pitch in (50, 57, 64):
            f0_hz = 440 * 2 ** ((pitch - 69) / 12)
            sound = sum(k ** -rng.uniform(1, 2) * np.sin(2 * np.pi * k * f0_hz * t) for k in range(1, 12))
            (tmp_path / "wavs" / f"box{instrument}").mkdir(parents=True, exist_ok=True)
            path = tmp_path / "wavs" / f"box{instrument}" / f"reed{instrument}-{pitch:03d}-090.wav"
            soundfile.write(path, 0.1 * np.exp(-3 * t) * sound, 22_050)
    notes = import_folder(tmp_path / "wavs", tmp_path / "notes", ImportSettings(16_000, seconds=1.0)).notes
    assert len(notes) == 12
    fit = FitSettings(epochs=1, batch_size=64, frames_per_note=10)
    model = train_model(TrainSettings(tmp_path / "notes", "dae", PAPER_SPEC, 4, fit=fit, threads=1), "mine")
    assert {note.pitch for note in model.bank} == {50, 57, 64}
    assert len(model.bank) == 12
    assert (tmp_path / "cache").is_dir()
    assert (tmp_path / "runs").is_dir()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"split": "random"}, "split 'random'"),
        ({"split": "fold-6"}, "split 'fold-6'"),
        ({"split": "nowhere.json"}, "nowhere.json does not exist"),
        ({"device": "tpu"}, "device 'tpu'"),
        ({"latent_size": 0}, "latent_size 0"),
        ({"latent_size": 100}, "latent_size 100"),
        ({"seed": -1}, "seed -1"),
        ({"threads": 0}, "threads 0"),
        (
            {"family": "dae", "fit": FitSettings(epochs=1, input_dropout=0.1)},
            "dae has no input_dropout; set it to 0.0",
        ),
        (
            {"family": "dae", "fit": FitSettings(epochs=1, width=2)},
            "set it to 1, or train one of: keyed-vae or pitched-vae",
        ),
        ({"family": "dae", "fit": FitSettings(epochs=1, ensemble=2)}, "dae has no ensemble; set it to 1"),
        ({"family": "gan"}, "no model family 'gan'"),
        ({"data": Path("nowhere")}, "nowhere/examples.json does not exist"),
    ],
)
def test_bad_jobs_are_refused(settings: TrainSettings, changed: dict[str, object], said: str) -> None:
    with pytest.raises(UserError, match=said):
        train_model(replace(settings, **changed), "x")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed",
    [
        {"epochs": -1},
        {"ensemble": 0},
        {"ensemble": 9},
        {"patience": 0},
        {"batch_size": 0},
        {"learning_rate": 0.0},
        {"learning_rate": float("nan")},
        {"beta": -1.0},
        {"frames_per_note": -1},
        {"augment": 1.5},
        {"stretch_semitones": 25.0},
        {"weight_decay": -0.1},
        {"input_dropout": 1.0},
        {"width": 0},
        {"width": 9},
        {"precision": "float16"},
    ],
)
def test_bad_fit_settings_are_refused(changed: dict[str, object]) -> None:
    with pytest.raises(UserError, match=next(iter(changed))):
        FitSettings(**changed)  # type: ignore[arg-type]


def test_without_torch_the_install_command_is_given(data: Path) -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import synth_app.evaluation\n"
        "from pathlib import Path\n"
        "from synth_app.support.errors import UserError\n"
        "from synth_app.training import TrainSettings, train_model\n"
        f"try: train_model(TrainSettings(Path({str(data)!r})), 'x')\n"
        "except UserError as error: print(error)\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert result.stdout.count("\n") == 1
    assert 'pip install "synth-app[train]"' in result.stdout


def test_nothing_but_training_imports_torch_or_is_slow_to_import() -> None:
    code = (
        "import sys, synth_app.evaluation, synth_app.training, synth_app.modelfile, synth_app.decoder\n"
        "print(sorted({'torch', 'librosa', 'scipy', 'numba', 'soundfile', 'soxr'} & set(sys.modules)))\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert result.stdout.strip() == "[]"
