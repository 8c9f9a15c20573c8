"""The optimization loop: AdamW on a cosine schedule, early stopping, a checkpoint per epoch, exact resume.

All random numbers of an epoch depend only on (seed, epoch). A training that was stopped and resumed therefore ends with
the same bits as one that was not.
"""

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from synth_app.spectrum import FrameSpec
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.training.data.augment import CPU, Augment
from synth_app.training.data.batch_sampler import Batch, NoteSet, SampledFrames, sample_epoch, subsample_notes
from synth_app.training.data.epoch_stream import Epoch, SamplingSettings
from synth_app.training.families.base import FrameNet
from synth_app.training.fit.checkpoint import TrainingState, load_checkpoint, save_checkpoint
from synth_app.training.fit.distributed import SINGLE_PROCESS, Ranks
from synth_app.training.progress import Cancel, Progress, Report, TrainingCancelled
from synth_app.training.settings import FitSettings

CHECKPOINT_NAME, LOG_NAME = "checkpoint.safetensors", "log.jsonl"
_WARM_UP_STEPS = 200
_VALID_FRAMES_PER_NOTE = 16
_DIVERGED = 3.0  # times the validation RMSE of the net before training
_MAX_VALID_NOTES = 8192  # their frames must fit in memory
_MAX_GRADIENT_NORM = 1.0
_RANK_SEED_STEP = 1 << 40  # between the seeds of two processes' noise


@dataclass(frozen=True)
class FitJob:
    """A net to train, its data, and the folder of its state.

    Attributes:
        net: trained in place.
        train: notes of the training part.
        valid: notes of the validation part, evaluated after every epoch.
        fit: settings of the optimization.
        seed: of the sampled frames, the posterior samples and the augmentation.
        folder: of checkpoint and log. It exists, and all processes see it.
        ranks: this process among those that train the net together, and its device.
        watch: called after every epoch, before its report, in the first of these processes.
    """

    net: FrameNet
    train: tuple[NoteSet, ...]
    valid: NoteSet
    fit: FitSettings
    seed: int
    folder: Path
    ranks: Ranks = SINGLE_PROCESS
    watch: Callable[[TrainingState], None] = lambda state: None


def fit_net(job: FitJob, report: Report, cancel: Cancel) -> TrainingState:
    """Train ``job.net`` and leave its best weights in it. Continues from the job's checkpoint if there is one.

    Raises:
        UserError: the loss became NaN or the net diverged; the message gives the step and what to change.
        TrainingCancelled: ``cancel`` returned True.
    """
    if job.net.window > 1 and job.fit.augment:
        raise UserError(f"augment {job.fit.augment} alters single frames; train a net of sequences with augment 0")
    ranks, net = job.ranks, job.net.to(job.ranks.device)
    optimizer = make_optimizer(net, job.fit)
    validation = _Validation(job)
    initial_rmse_db = validation.rmse_db()
    state, best = _initial_state(job, optimizer, initial_rmse_db)
    step = ranks.wrap(TrainingStep(net, job.valid.cache.spec, job.fit, ranks.device))
    while not state.finished and state.epoch < job.fit.epochs:
        start_s = time.process_time()
        loss = _epoch(job, step, optimizer, state.epoch, cancel)
        rmse_db = validation.rmse_db()
        if not rmse_db < _DIVERGED * initial_rmse_db + 1.0:
            raise _divergence(job.fit, f"validation RMSE {rmse_db:.3g} dB after epoch {state.epoch + 1}")
        state = _after_epoch(job, state, rmse_db, time.process_time() - start_s)
        if state.best_epoch == state.epoch:
            best = _weights(net)
        if ranks.is_leader:
            save_checkpoint(job.folder / CHECKPOINT_NAME, state, net, optimizer, best)
            _append_log(job.folder / LOG_NAME, state, loss, rmse_db)
            job.watch(state)
        message = f"loss {loss:.6f}, validation {rmse_db:.3f} dB, best {state.best_rmse_db:.3f} dB"
        report(Progress("fit", state.epoch, job.fit.epochs, message, rmse_db, loss))
    net.cpu().load_state_dict(best)
    return state


def _initial_state(
    job: FitJob, optimizer: torch.optim.Adam, initial_rmse_db: float
) -> tuple[TrainingState, dict[str, Tensor]]:
    """Return state and best weights from the checkpoint, or those of an untrained net."""
    checkpoint = job.folder / CHECKPOINT_NAME
    if checkpoint.is_file():
        state, best = load_checkpoint(checkpoint, job.net, optimizer)
    else:
        state, best = TrainingState(best_rmse_db=initial_rmse_db), _weights(job.net)
    if job.ranks.is_leader:
        _truncate_log(job.folder / LOG_NAME, state.epoch)
    return state, best


def _after_epoch(job: FitJob, state: TrainingState, rmse_db: float, seconds: float) -> TrainingState:
    state = state.after(rmse_db, seconds)
    since_best = state.epoch - max(state.best_epoch, round(job.net.pretraining * job.fit.epochs))
    return replace(state, finished=state.epoch >= job.fit.epochs or since_best >= job.fit.patience)


class _Validation:
    """The validation frames of a job, sampled once."""

    def __init__(self, job: FitJob) -> None:
        self._job = job
        rng = np.random.default_rng([job.seed, 0])
        notes = subsample_notes(job.valid, _MAX_VALID_NOTES, rng)
        self._sampled = sample_epoch((notes,), _VALID_FRAMES_PER_NOTE, rng, window=job.net.window)

    def rmse_db(self) -> float:
        """Return the net's pooled RMSE, equal in all processes."""
        job = self._job
        floor_db = job.valid.cache.spec.floor_db
        return job.ranks.from_leader(validation_rmse_db(job.net, self._sampled, floor_db, job.ranks.device))


class TrainingStep(nn.Module):
    """Loss of a batch as a module's output, so that DistributedDataParallel can wrap it.

    Args:
        net: on ``device``. spec: of its frames. fit: augmentation and precision.

    Attributes:
        generator: of the posterior samples and the augmentation.
    """

    def __init__(self, net: FrameNet, spec: FrameSpec, fit: FitSettings, device: torch.device = CPU) -> None:
        super().__init__()
        self._device = device
        self.net, self.generator = net, torch.Generator(device)
        self._augment = Augment(spec, fit.augment, fit.stretch_semitones, device)
        self._low_precision = fit.precision == "bfloat16"

    def forward(self, part: Batch) -> Tensor:
        """Return the loss of a batch."""
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._low_precision):
            return self.net.batch_loss(part, self._augment, self.generator)


def validation_rmse_db(net: FrameNet, sampled: SampledFrames, floor_db: float, device: torch.device = CPU) -> float:
    """Return the pooled validation error of encoded and decoded frames as a root mean square in dB, in float32.

    It is the RMSE for nets that minimize the squared error, else the root of the net's own objective. A net would
    otherwise stop at, and keep, the weights that are best by another measure than the one it is trained for.

    Args:
        net: on ``device``. sampled: validation frames. floor_db: of the frames' scale. device: the net's.
    """
    total = 0.0
    net.eval()
    with torch.no_grad():
        for on_cpu in sampled.batches(2048):
            part = on_cpu.to(device)
            decoded = net.decode(net.encode(part.x, part.pitch), part.pitch)
            total += float(net.validation_error(decoded, part.x))
    net.train()
    return math.sqrt(total / sampled.frames.size) * -floor_db / 2.0


def learning_rate_at(fit: FitSettings, step: int, steps: int) -> float:
    """Return the learning rate: linear warm-up, then half a cosine to zero (Loshchilov & Hutter 2017, one period)."""
    warm_up = min(_WARM_UP_STEPS, max(1, steps // 10))
    return fit.learning_rate * min(1.0, (step + 1) / warm_up) * 0.5 * (1.0 + math.cos(math.pi * step / steps))


def _epoch(job: FitJob, step: nn.Module, optimizer: torch.optim.Adam, epoch: int, cancel: Cancel) -> float:
    """Train on one epoch of newly sampled frames; return the mean loss."""
    net, fit, ranks = job.net, job.fit, job.ranks
    sampling = SamplingSettings(
        fit.frames_per_note, fit.batch_size, net.paired, net.window, ranks.rank, ranks.world, mixup=fit.mixup
    )
    frames = Epoch(job.train, sampling, np.random.default_rng([job.seed, 1 + epoch]))
    net.begin_epoch(epoch / fit.epochs)
    torch.manual_seed(job.seed * 1_000_003 + epoch)  # for dropout
    _seed(step, job.seed * 1_000_003 + epoch + ranks.rank * _RANK_SEED_STEP)
    n_batches = len(frames.sizes)
    total = 0.0
    for i, (size, part) in enumerate(zip(frames.sizes, frames, strict=True)):
        if ranks.any(cancel()):
            raise TrainingCancelled(f"stopped in epoch {epoch + 1}; run the command again to continue")
        for group in optimizer.param_groups:
            group["lr"] = learning_rate_at(fit, epoch * n_batches + i, fit.epochs * n_batches)
        loss = step(part.to(ranks.device))
        value = loss.item()
        if not math.isfinite(value):
            raise _divergence(fit, f"loss {value} in epoch {epoch + 1}, batch {i + 1} of {n_batches}")
        own = part.pitch.numel()
        if own * ranks.world != size:  # parts of unequal size have unequal weights in the mean
            loss = loss * (own * ranks.world / size)
        update_weights(net, optimizer, loss)
        total += value * own
    return ranks.total(total) / sum(frames.sizes)


def make_optimizer(net: FrameNet, fit: FitSettings) -> torch.optim.Adam:
    """Return the optimizer of a net's weights."""
    return torch.optim.AdamW(net.parameters(), lr=fit.learning_rate, weight_decay=fit.weight_decay, fused=True)


def update_weights(net: FrameNet, optimizer: torch.optim.Adam, loss: Tensor) -> None:
    """Take one step along the gradient of a loss."""
    optimizer.zero_grad()
    torch.autograd.backward(loss)
    torch.nn.utils.clip_grad_norm_(net.parameters(), _MAX_GRADIENT_NORM)
    optimizer.step()


def _seed(step: nn.Module, seed: int) -> None:
    torch.manual_seed(seed)  # for dropout
    for module in step.modules():  # the step itself, or wrapped by DistributedDataParallel
        if isinstance(module, TrainingStep):
            module.generator.manual_seed(seed)


def _divergence(fit: FitSettings, what: str) -> UserError:
    return UserError(
        f"the training diverged: {what}; use a learning rate below {fit.learning_rate:g}, "
        "and check the data set for damaged notes (synth-app dataset check)"
    )


def _weights(net: FrameNet) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in net.state_dict().items()}


def _append_log(path: Path, state: TrainingState, loss: float, rmse_db: float) -> None:
    line = {
        "epoch": state.epoch,
        "loss": loss,
        "valid_rmse_db": rmse_db,
        "best_rmse_db": state.best_rmse_db,
        "seconds": round(state.seconds, 3),
    }
    with path.open("a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")


def _truncate_log(path: Path, epoch: int) -> None:
    """Remove the lines of epochs after the checkpoint: they will run again."""
    if not path.is_file():
        return
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()  # a damaged line is left out below
    with atomic_path(path) as temporary:
        complete = [line for line in lines[:epoch] if line.endswith("}")]
        temporary.write_text("".join(f"{line}\n" for line in complete), encoding="utf-8")
