"""How fast this machine trains a net: measured, because it depends on processor, torch and other work."""

import time

import numpy as np
import torch

from synth_app.training.data.batch_sampler import SampledFrames
from synth_app.training.data.pca import PrincipalAxes
from synth_app.training.fit.job import job_family
from synth_app.training.fit.loop import TrainingStep, make_optimizer, update_weights
from synth_app.training.settings import FitSettings, TrainSettings

_LEAST_STEPS, _LEAST_S = 3, 0.5  # measured, after one step that does not count
_KEY = 60.0


def seconds_per_frame(settings: TrainSettings) -> float:
    """Measure how long a training takes for each frame, in wall time, by some steps on random frames.

    Args:
        settings: the job; only family or start, spec, latent size, fit and threads are used.

    Raises:
        UserError: no such family, or the model that the training begins with cannot be read.
    """
    torch.set_num_threads(settings.threads)
    chosen = job_family(settings)
    fit = settings.fit or chosen.fit(settings.spec)
    torch.manual_seed(settings.seed)
    net = chosen.build(settings.spec, settings.latent_size, _some_axes(settings.spec.bins), fit)
    step, optimizer = TrainingStep(net, settings.spec, fit), make_optimizer(net, fit)
    step.generator.manual_seed(settings.seed)
    sampled = _some_frames(settings.spec.bins, net.window, fit)
    batch = sampled.batch(0, len(sampled.frames))
    steps, started_s = 0, 0.0
    while steps <= _LEAST_STEPS or time.perf_counter() - started_s < _LEAST_S:
        if steps == 1:
            started_s = time.perf_counter()
        update_weights(net, optimizer, step(batch))
        steps += 1
    return (time.perf_counter() - started_s) / ((steps - 1) * len(sampled.frames))


def _some_axes(bins: int) -> PrincipalAxes:
    return PrincipalAxes(np.zeros(bins, np.float32), np.eye(bins, dtype=np.float32), np.ones(bins, np.float32), bins)


def _some_frames(bins: int, window: int, fit: FitSettings) -> SampledFrames:
    count = max(1, fit.batch_size // window) * window
    rng = np.random.default_rng(0)
    frames, others = rng.uniform(-1.0, 0.0, (2, count, bins)).astype(np.float16)
    pitches = np.full(count, _KEY, np.float32)
    return SampledFrames(frames, pitches, others, pitches + 1.0, window)
