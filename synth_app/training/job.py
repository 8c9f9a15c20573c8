"""One training from notes to a fitted net: frames, split, principal axes, net, fit."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from synth_app.dataset.nsynth import Note, read_notes
from synth_app.dataset.splits import Split
from synth_app.errors import UserError
from synth_app.training.checkpoint import Standing
from synth_app.training.families import Family, FrameNet, family
from synth_app.training.features import FrameCache, open_cache
from synth_app.training.loop import FitJob, fit_net
from synth_app.training.preparation import draw_split, saved_axes
from synth_app.training.progress import Cancel, Progress, Report
from synth_app.training.settings import FitSettings, TrainSettings


@dataclass(frozen=True)
class Fitted:
    """A fitted net and all that its card tells of."""

    settings: TrainSettings
    fit: FitSettings
    family: Family
    net: FrameNet
    notes: tuple[Note, ...]
    split: Split
    cache: FrameCache
    standing: Standing

    def rows(self, names: tuple[str, ...]) -> list[int]:
        """Rows of the cache of the named notes."""
        by_name = {note.note_str: note for note in self.notes}
        return self.cache.rows([by_name[name] for name in names])


def fit_family(settings: TrainSettings, report: Report, cancel: Cancel) -> Fitted:
    """Do a training job, continuing what a former call left. Errors as ``train_model``."""
    torch.set_num_threads(settings.threads)
    torch.set_flush_denormal(True)
    try:
        return _fit_family(settings, report, cancel)
    finally:
        torch.set_flush_denormal(False)  # other code of this process may count on denormal numbers


def _fit_family(settings: TrainSettings, report: Report, cancel: Cancel) -> Fitted:
    chosen = family(settings.family)
    fit = settings.fit or chosen.fit(settings.spec)
    notes = read_notes(settings.data)
    split = draw_split(notes, settings.split, settings.seed, refit=fit.refit)
    cache = open_cache(
        settings.data,
        notes,
        settings.spec,
        settings.cache_folder,
        processes=settings.threads,
        progress=lambda done, total: report(Progress("frames", done, total)),
    )
    by_name = {note.note_str: note for note in notes}
    train, valid = (cache.rows([by_name[name] for name in part]) for part in (split.train, split.valid))
    folder = _run_folder(settings, fit, cache)
    axes = saved_axes(cache, train, folder.parent, report, cancel)
    torch.manual_seed(settings.seed)
    net = chosen.build(settings.spec, settings.latent_size, axes, fit)
    standing = fit_net(FitJob(net, cache, train, valid, fit, settings.seed, folder), report, cancel)
    net.eval()
    return Fitted(settings, fit, chosen, net, notes, split, cache, standing)


def _run_folder(settings: TrainSettings, fit: FitSettings, cache: FrameCache) -> Path:
    """Folder of this job's state, named by all that its result depends on."""
    told = replace(settings, fit=fit, cache=None, runs=None, data=Path(cache.folder.name), threads=1)
    named = {key: value for key, value in asdict(told).items() if key != "bank"}  # encoded, not learned from
    if not fit.refit:
        del named["fit"]["refit"]  # a choice of later versions: older runs keep their folders
    digest = hashlib.sha256(json.dumps(named, default=str).encode()).hexdigest()[:12]
    folder = settings.runs_folder / f"{settings.family}-{settings.spec.sample_rate}-{settings.split}-{digest}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the folder {folder}: {error.strerror}; choose another") from error
    return folder
