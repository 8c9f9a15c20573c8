"""Fitting a net: Adam on a cosine, early stopping, a checkpoint per epoch, exact resume.

Everything random in an epoch is drawn from (seed, epoch), so a training that was killed and continued
ends with the same bits as one that was not.
"""

import json
import math
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.training.data.augment import CPU, Augment
from synth_app.training.data.batch_sampler import Batch, NoteSet, SampledBatch, draw_epoch, fewer
from synth_app.training.data.epoch_stream import Epoch, Sample
from synth_app.training.families import FrameNet
from synth_app.training.fit.checkpoint import Standing, load_checkpoint, save_checkpoint
from synth_app.training.fit.distributed import ALONE, Ranks
from synth_app.training.progress import Cancel, Progress, Report, TrainingCancelled
from synth_app.training.settings import FitSettings

CHECKPOINT_NAME, LOG_NAME = "checkpoint.safetensors", "log.jsonl"
_WARM_UP_STEPS = 200
_VALID_FRAMES_PER_NOTE = 16
_DIVERGED = 3.0  # times the validation RMSE of the net before training
_VALID_NOTES = 8192  # at most: it must fit in memory
_GRADIENT_NORM = 1.0
_RANKS_APART = 1 << 40  # between the seeds of two processes' noise


@dataclass(frozen=True)
class FitJob:
    """What to fit, on what, and where to keep the state.

    Attributes:
        net: fitted in place.
        train: what it learns from.
        valid: what judges it after every epoch.
        fit: how.
        seed: of the frames drawn, the code's noise and the augmentation.
        folder: of checkpoint and log; exists, and all processes see it.
        ranks: this process's place among those that fit the net together, and the device.
    """

    net: FrameNet
    train: tuple[NoteSet, ...]
    valid: NoteSet
    fit: FitSettings
    seed: int
    folder: Path
    ranks: Ranks = ALONE


def fit_net(job: FitJob, report: Report, cancel: Cancel) -> Standing:
    """Fit ``job.net`` and leave its best weights in it; continues where a former call was stopped.

    Raises:
        UserError: the loss became NaN or the net diverged; says at which step and what to change.
        TrainingCancelled: ``cancel`` said so.
    """
    if job.net.window > 1 and job.fit.augment:
        raise UserError(f"augment {job.fit.augment} alters single frames; fit a net of sequences with augment 0")
    ranks, net = job.ranks, job.net.to(job.ranks.device)
    optimizer = torch.optim.AdamW(
        net.parameters(), lr=job.fit.learning_rate, weight_decay=job.fit.weight_decay, fused=True
    )
    rng = np.random.default_rng([job.seed, 0])
    valid = draw_epoch((fewer(job.valid, _VALID_NOTES, rng),), _VALID_FRAMES_PER_NOTE, rng, window=net.window)
    floor_db = job.valid.cache.spec.floor_db
    start_rmse_db = ranks.leaders(validation_rmse_db(net, valid, floor_db, ranks.device))
    checkpoint = job.folder / CHECKPOINT_NAME
    if checkpoint.is_file():
        standing, best = load_checkpoint(checkpoint, net, optimizer)
    else:
        standing, best = Standing(best_rmse_db=start_rmse_db), _weights(net)
    if ranks.leads:
        _cut_log(job.folder / LOG_NAME, standing.epoch)
    step = ranks.wrapped(_Step(job))
    while not standing.finished and standing.epoch < job.fit.epochs:
        began = time.process_time()
        loss = _epoch(job, step, optimizer, standing.epoch, cancel)
        rmse_db = ranks.leaders(validation_rmse_db(net, valid, floor_db, ranks.device))
        if not rmse_db < _DIVERGED * start_rmse_db + 1.0:
            raise _divergence(job.fit, f"validation RMSE {rmse_db:.3g} dB after epoch {standing.epoch + 1}")
        standing = standing.after(rmse_db, time.process_time() - began)
        if standing.best_epoch == standing.epoch:
            best = _weights(net)
        since_best = standing.epoch - max(standing.best_epoch, round(net.pretraining * job.fit.epochs))
        done = standing.epoch >= job.fit.epochs or since_best >= job.fit.patience
        standing = replace(standing, finished=done)
        if ranks.leads:
            save_checkpoint(checkpoint, standing, net, optimizer, best)
            _append_log(job.folder / LOG_NAME, standing, loss, rmse_db)
        message = f"loss {loss:.6f}, validation {rmse_db:.3f} dB, best {standing.best_rmse_db:.3f} dB"
        report(Progress("fit", standing.epoch, job.fit.epochs, message, rmse_db))
    net.cpu().load_state_dict(best)
    return standing


class _Step(nn.Module):
    """The loss of a batch as a module's output, which is where processes meet.

    Attributes:
        generator: of the code's noise and the augmentation.
    """

    def __init__(self, job: FitJob) -> None:
        super().__init__()
        self._device = job.ranks.device
        self.net, self.generator = job.net, torch.Generator(self._device)
        self._augment = Augment(job.valid.cache.spec, job.fit.augment, job.fit.stretch_semitones, self._device)
        self._low_precision = job.fit.precision == "bfloat16"

    def forward(self, part: Batch) -> Tensor:
        """Loss of a batch."""
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._low_precision):
            return self.net.batch_loss(part, self._augment, self.generator)


def validation_rmse_db(net: FrameNet, drawn: SampledBatch, floor_db: float, device: torch.device = CPU) -> float:
    """Pooled RMSE in dB of coding and decoding frames, in float32; ``device`` is the net's."""
    total = 0.0
    net.eval()
    with torch.no_grad():
        for on_cpu in drawn.batches(2048):
            part = on_cpu.to(device)
            made = net.decode(net.encode(part.x, part.pitch), part.pitch)
            total += float((made - part.x).square().sum(dtype=torch.float64))
    net.train()
    return math.sqrt(total / drawn.frames.size) * -floor_db / 2.0


def learning_rate_at(fit: FitSettings, step: int, steps: int) -> float:
    """Linear warm-up, then half a cosine down to zero (Loshchilov & Hutter 2017, one period)."""
    warm_up = min(_WARM_UP_STEPS, max(1, steps // 10))
    return fit.learning_rate * min(1.0, (step + 1) / warm_up) * 0.5 * (1.0 + math.cos(math.pi * step / steps))


def _epoch(job: FitJob, step: nn.Module, optimizer: torch.optim.Adam, epoch: int, cancel: Cancel) -> float:
    """One pass over newly drawn frames; returns the mean loss."""
    net, fit, ranks = job.net, job.fit, job.ranks
    draw = Sample(fit.frames_per_note, fit.batch_size, net.paired, net.window, ranks.rank, ranks.world, mix=fit.mix)
    frames = Epoch(job.train, draw, np.random.default_rng([job.seed, 1 + epoch]))
    net.begin_epoch(epoch / fit.epochs)
    torch.manual_seed(job.seed * 1_000_003 + epoch)  # of dropout
    _seed(step, job.seed * 1_000_003 + epoch + ranks.rank * _RANKS_APART)
    n_batches = len(frames.sizes)
    total = 0.0
    for i, (size, part) in enumerate(zip(frames.sizes, frames, strict=True)):
        if ranks.any(cancel()):
            raise TrainingCancelled(f"stopped in epoch {epoch + 1}; give the same command to continue")
        for group in optimizer.param_groups:
            group["lr"] = learning_rate_at(fit, epoch * n_batches + i, fit.epochs * n_batches)
        loss = step(part.to(ranks.device))
        value = loss.item()
        if not math.isfinite(value):
            raise _divergence(fit, f"loss {value} in epoch {epoch + 1}, batch {i + 1} of {n_batches}")
        own = part.pitch.numel()
        if own * ranks.world != size:  # shares of unequal size do not weigh alike
            loss = loss * (own * ranks.world / size)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(net.parameters(), _GRADIENT_NORM)
        optimizer.step()
        total += value * own
    return ranks.total(total) / sum(frames.sizes)


def _seed(step: nn.Module, seed: int) -> None:
    torch.manual_seed(seed)  # of dropout
    for module in step.modules():  # alone, or within the one that joins processes
        if isinstance(module, _Step):
            module.generator.manual_seed(seed)


def _divergence(fit: FitSettings, what: str) -> UserError:
    return UserError(
        f"the training diverged: {what}; use a learning rate below {fit.learning_rate:g}, "
        "and check the data set for damaged notes (synth-app dataset check)"
    )


def _weights(net: FrameNet) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in net.state_dict().items()}


def _append_log(path: Path, standing: Standing, loss: float, rmse_db: float) -> None:
    line = {
        "epoch": standing.epoch,
        "loss": loss,
        "valid_rmse_db": rmse_db,
        "best_rmse_db": standing.best_rmse_db,
        "seconds": round(standing.seconds, 3),
    }
    with path.open("a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")


def _cut_log(path: Path, epoch: int) -> None:
    """Drop lines of epochs that the checkpoint does not have: they will be run again."""
    if not path.is_file():
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    with atomic_path(path) as temporary:
        kept = [line for line in lines[:epoch] if line.endswith("}")]
        temporary.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
