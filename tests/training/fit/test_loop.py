"""The optimization loop: it lowers the error, resumes to the same bits, and reports failures."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from synth_app.dataset.nsynth import read_notes
from synth_app.spectrum import FrameSpec
from synth_app.support.errors import UserError
from synth_app.training import FitSettings, Progress, TrainingCancelled
from synth_app.training.data.batch_sampler import NoteSet, SampledFrames, sample_epoch
from synth_app.training.data.frame_cache import FrameCache, open_cache
from synth_app.training.data.pca import principal_axes
from synth_app.training.families import family
from synth_app.training.families.base import FrameNet
from synth_app.training.families.pitch_conditioned import KEYS
from synth_app.training.fit.checkpoint import TrainingState
from synth_app.training.fit.loop import CHECKPOINT_NAME, LOG_NAME, FitJob, fit_net, learning_rate_at, validation_rmse_db
from synth_app.training.nets.audible_error import AudibleError
from synth_app.training.progress import ignore_progress, never_cancel

FIT = FitSettings(epochs=4, patience=10, batch_size=64, beta=1e-4, frames_per_note=20, augment=0.5)


@pytest.fixture(scope="session")
def cache(data: Path) -> FrameCache:
    return open_cache(data, read_notes(data), FrameSpec(8000, 128, 64), data.parent / "cache", processes=1)


def _job(cache: FrameCache, folder: Path, fit: FitSettings = FIT, name: str = "residual-vae") -> FitJob:
    torch.set_num_threads(1)
    torch.manual_seed(3)
    folder.mkdir(exist_ok=True)
    net = family(name).build(cache.spec, 4, principal_axes(cache.batches(range(0, 24))), fit)
    return FitJob(net, (_notes(cache, 0, 24),), _notes(cache, 24, 30), fit, 7, folder)


def _notes(cache: FrameCache, first: int, stop: int) -> NoteSet:
    rows = range(first, stop)
    return NoteSet(cache, tuple(rows), dict.fromkeys(rows, 60), dict.fromkeys(rows, ()))


def _bits(net: FrameNet) -> dict[str, bytes]:
    return {name: value.numpy().tobytes() for name, value in net.state_dict().items()}


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_interrupted_training_resumes_to_the_same_bits(cache: FrameCache, tmp_path: Path, precision: str) -> None:
    fit = replace(FIT, precision=precision, input_dropout=0.2, weight_decay=0.01)
    whole = _job(cache, tmp_path / "whole", fit)
    expected = fit_net(whole, ignore_progress, never_cancel)

    for stop_after in (5, 20):  # batches, in the first and in the third epoch: 8 batches each
        calls = 0

        def die() -> bool:
            nonlocal calls
            calls += 1
            if calls > stop_after:  # noqa: B023 (called before the loop goes on)
                raise KeyboardInterrupt
            return False

        with pytest.raises(KeyboardInterrupt):
            fit_net(_job(cache, tmp_path / "cut", fit), ignore_progress, die)
    resumed = _job(cache, tmp_path / "cut", fit)
    found = fit_net(resumed, ignore_progress, never_cancel)
    assert _bits(resumed.net) == _bits(whole.net)
    assert replace(found, seconds=0.0) == replace(expected, seconds=0.0)
    logs = [
        [{**json.loads(line), "seconds": 0} for line in (tmp_path / run / LOG_NAME).read_text().splitlines()]
        for run in ("whole", "cut")
    ]
    assert logs[0] == logs[1]
    assert [line["epoch"] for line in logs[0]] == [1, 2, 3, 4]


@pytest.mark.parametrize("change", [{"input_dropout": 0.3}, {"weight_decay": 0.5}, {"stretch_semitones": 1.0}])
def test_every_setting_changes_the_net(cache: FrameCache, tmp_path: Path, change: dict[str, float]) -> None:
    plain, moved = (_job(cache, tmp_path / name, fit) for name, fit in
                    (("plain", FIT), ("moved", replace(FIT, **change))))  # type: ignore[arg-type]  # fmt: skip
    assert _bits(plain.net) == _bits(moved.net)
    for job in (plain, moved):
        fit_net(job, ignore_progress, never_cancel)
    assert _bits(plain.net) != _bits(moved.net)
    sizes = [sum(float(value.detach().square().sum()) for value in job.net.parameters()) for job in (plain, moved)]
    assert "weight_decay" not in change or sizes[1] < sizes[0]
    x = torch.from_numpy(cache.unit(0).astype(np.float32))
    moved.net.eval()
    assert torch.equal(moved.net.encode(x), moved.net.encode(x))


def test_a_finished_training_is_not_run_again(cache: FrameCache, tmp_path: Path) -> None:
    first = _job(cache, tmp_path / "run")
    fit_net(first, ignore_progress, never_cancel)
    told: list[Progress] = []
    second = _job(cache, tmp_path / "run")
    assert fit_net(second, told.append, never_cancel).finished
    assert told == []
    assert _bits(second.net) == _bits(first.net)


def test_log_lines_after_the_checkpoint_are_removed(cache: FrameCache, tmp_path: Path) -> None:
    job = _job(cache, tmp_path / "run", replace(FIT, epochs=2))
    fit_net(job, ignore_progress, never_cancel)
    log = tmp_path / "run" / LOG_NAME
    kept = log.read_text()
    log.write_text(kept + '{"epoch": 3, "loss": 1}\n{"epoch": 4, "lo')
    fit_net(_job(cache, tmp_path / "run", replace(FIT, epochs=2)), ignore_progress, never_cancel)
    assert log.read_text() == kept


@pytest.mark.parametrize(
    "name", ["ae", "dae", "dae-layerwise", "lstm-ae", "vae", "residual-dae", "residual-vae", "pitched-vae", "keyed-vae"]
)
def test_training_lowers_the_validation_error(cache: FrameCache, tmp_path: Path, name: str) -> None:
    fit = FitSettings(epochs=6, batch_size=64, beta=1e-5 if "vae" in name else 0.0, learning_rate=3e-3)
    job = _job(cache, tmp_path / "run", fit, name)
    valid = sample_epoch((job.valid,), 16, np.random.default_rng([7, 0]), window=job.net.window)
    before = validation_rmse_db(job.net, valid, -100.0)
    told: list[Progress] = []
    state = fit_net(job, told.append, never_cancel)
    assert state.best_rmse_db < (0.9 if name.startswith(("residual", "pitched", "keyed")) else 0.5) * before
    assert validation_rmse_db(job.net, valid, -100.0) == pytest.approx(state.best_rmse_db)  # best weights are back
    assert [p.done for p in told] == [1, 2, 3, 4, 5, 6]
    assert min(p.valid_rmse_db or 0 for p in told) == state.best_rmse_db


def test_validation_error_is_the_rmse_in_db(cache: FrameCache, tmp_path: Path) -> None:
    net = _job(cache, tmp_path / "run").net
    drawn = sample_epoch((_notes(cache, 1, 4),), 0, np.random.default_rng(0), paired=False)
    frames = drawn.frames
    x = torch.from_numpy(frames.astype(np.float32))
    with torch.no_grad():
        made = net.decode(net.encode(x)).numpy()
    expected = np.sqrt(np.mean(((made - x.numpy()) * 50.0) ** 2))
    assert validation_rmse_db(net, drawn, -100.0) == pytest.approx(expected, rel=1e-4)


def test_a_net_of_another_objective_is_chosen_by_that(cache: FrameCache, tmp_path: Path) -> None:
    """By the squared error an audible net's first weights, those of PCA, would often stay the best."""
    fit = FitSettings(epochs=2, batch_size=64, beta=1e-5, learning_rate=3e-3, objective="mel")
    job = _job(cache, tmp_path / "run", fit, "pitched-vae")
    state = fit_net(job, ignore_progress, never_cancel)
    valid = sample_epoch((job.valid,), 16, np.random.default_rng([7, 0]))
    (part,) = valid.batches(len(valid.frames))
    job.net.eval()
    with torch.no_grad():
        made = job.net.decode(job.net.encode(part.x, part.pitch), part.pitch)
        error = AudibleError(cache.spec, KEYS, ("mel",))(made, part.x, part.pitch - KEYS.lowest)
    assert state.best_rmse_db == pytest.approx(50.0 * float(error) ** 0.5, rel=1e-4)
    assert state.best_epoch > 0


def test_training_stops_after_patience_epochs(cache: FrameCache, tmp_path: Path) -> None:
    fit = replace(FIT, epochs=50, patience=3, learning_rate=1e-30)
    state = fit_net(_job(cache, tmp_path / "run", fit), ignore_progress, never_cancel)
    assert state.epoch - state.best_epoch == 3
    assert state.epoch < 50


def test_cancel_stops_and_keeps_whole_epochs(cache: FrameCache, tmp_path: Path) -> None:
    done: list[Progress] = []
    with pytest.raises(TrainingCancelled, match="run the command again to continue"):
        fit_net(_job(cache, tmp_path / "run"), done.append, lambda: len(done) == 2)
    told: list[Progress] = []
    fit_net(_job(cache, tmp_path / "run"), told.append, never_cancel)
    assert [p.done for p in told] == [3, 4]


def test_divergence_is_reported_with_a_remedy(cache: FrameCache, tmp_path: Path) -> None:
    job = _job(cache, tmp_path / "high", replace(FIT, learning_rate=1.0, epochs=20))
    with pytest.raises(UserError, match=r"diverged: .*; use a learning rate below 1,") as caught:
        fit_net(job, ignore_progress, never_cancel)
    assert "\n" not in str(caught.value)


def test_nan_is_reported_with_epoch_and_batch(cache: FrameCache, tmp_path: Path) -> None:
    job = _job(cache, tmp_path / "run")
    calls = 0

    def poison() -> bool:
        nonlocal calls
        calls += 1
        if calls == 3:
            with torch.no_grad():
                next(job.net.parameters()).fill_(float("nan"))
        return False

    with pytest.raises(UserError, match="diverged: loss nan in epoch 1, batch 3 of"):
        fit_net(job, ignore_progress, poison)
    assert not (tmp_path / "run" / CHECKPOINT_NAME).exists()


@pytest.mark.parametrize("damage", ["cut", "foreign", "other net"])
def test_damaged_checkpoints_are_refused(cache: FrameCache, tmp_path: Path, damage: str) -> None:
    fit_net(_job(cache, tmp_path / "run", replace(FIT, epochs=1)), ignore_progress, never_cancel)
    path = tmp_path / "run" / CHECKPOINT_NAME
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-100])
    elif damage == "foreign":
        path.write_bytes(b"\x80\x04pickle")
    job = _job(cache, tmp_path / "run", name="dae" if damage == "other net" else "residual-vae")
    with pytest.raises(
        UserError, match=r"not a checkpoint of this training, or is damaged .*; delete it to start over"
    ) as caught:
        fit_net(job, ignore_progress, never_cancel)
    assert "\n" not in str(caught.value)


def test_checkpoints_of_earlier_versions_load(cache: FrameCache, tmp_path: Path) -> None:
    """Parameters of pitch-conditioned nets had other names."""
    fit = replace(FIT, epochs=2, ensemble=2)
    job = _job(cache, tmp_path / "run", fit, "keyed-vae")
    fit_net(job, ignore_progress, never_cancel)
    path = tmp_path / "run" / CHECKPOINT_NAME
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    for old, new in job.net.renamed_parameters.items():
        assert any(f".{new}" in name for name in tensors)
        tensors = {name.replace(f".{new}", f".{old}", 1): value for name, value in tensors.items()}
    save_file(tensors, path, metadata)
    resumed = _job(cache, tmp_path / "run", fit, "keyed-vae")
    assert fit_net(resumed, ignore_progress, never_cancel).finished
    assert _bits(resumed.net) == _bits(job.net)


def test_learning_rate_warms_up_and_falls_along_a_cosine() -> None:
    fit = FitSettings(learning_rate=0.01)
    rates = [learning_rate_at(fit, step, 10_000) for step in range(10_000)]
    assert rates[0] == pytest.approx(0.01 / 200, rel=1e-3)
    assert max(rates) == pytest.approx(0.01, rel=2e-3)
    assert 190 <= int(np.argmax(rates)) <= 210
    assert rates[5000] == pytest.approx(0.005, rel=1e-6)
    assert rates[-1] < 1e-8
    assert (np.diff(rates[200:]) < 0).all()


def test_the_state_keeps_the_best_epoch() -> None:
    state = TrainingState(best_rmse_db=5.0)
    for rmse_db in (6.0, 4.0, 4.5, 4.0):
        state = state.after(rmse_db, 1.5)
    assert (state.epoch, state.best_epoch, state.best_rmse_db, state.seconds) == (4, 2, 4.0, 6.0)


class _Constant(FrameNet):
    def encode(self, x: Tensor, pitch: Tensor | None = None) -> Tensor:
        return x

    def decode(self, z: Tensor, pitch: Tensor | None = None) -> Tensor:
        return z + 0.1


def test_validation_error_of_a_known_offset() -> None:
    pitches = np.zeros(5000, np.float32)
    frames = SampledFrames(np.zeros((5000, 8), np.float16), pitches, None, pitches)
    assert validation_rmse_db(_Constant(), frames, -100.0) == pytest.approx(5.0, rel=1e-4)
    assert validation_rmse_db(_Constant(), frames, -80.0) == pytest.approx(4.0, rel=1e-4)
