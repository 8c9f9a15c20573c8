"""One training from notes to a fitted net: frames, split, principal axes, net, fit."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from synth_app.dataset.nsynth import Note, read_notes
from synth_app.dataset.splits import Split, write_split
from synth_app.support.errors import UserError
from synth_app.training.data.batch_sampler import NoteSet
from synth_app.training.data.frame_cache import FrameCache, open_cache
from synth_app.training.data.split_and_pca import draw_split, saved_axes
from synth_app.training.families import Family, FrameNet, family
from synth_app.training.fit.checkpoint import Standing
from synth_app.training.fit.distributed import join
from synth_app.training.fit.loop import FitJob, fit_net
from synth_app.training.progress import Cancel, Progress, Report
from synth_app.training.settings import FitSettings, TrainSettings

SPLIT_NAME = "split.json"  # who is held out, in the folder of a job's state
_NOT_LEARNED_FROM = ("bank", "device", "scheduler")


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

    @property
    def learned(self) -> NoteSet:
        """Those of the notes that it was trained on."""
        by_name = {note.note_str: note for note in self.notes}
        return NoteSet.of(self.cache, [by_name[name] for name in self.split.train])


def fit_family(settings: TrainSettings, report: Report, cancel: Cancel) -> Fitted:
    """Do a training job, continuing what a former call left. Errors as ``train_model``."""
    torch.set_num_threads(settings.threads)
    torch.set_flush_denormal(True)
    try:
        return _fit_family(settings, report, cancel)
    finally:
        torch.set_flush_denormal(False)  # other code of this process may count on denormal numbers


def _fit_family(settings: TrainSettings, report: Report, cancel: Cancel) -> Fitted:
    chosen, ranks = family(settings.family), join(settings.device)
    fit = settings.fit or chosen.fit(settings.spec)
    notes = read_notes(settings.data)
    split = draw_split(notes, settings.split, settings.seed, refit=fit.refit)
    with ranks.leader_first():
        cache = _cache(settings, settings.data, notes, report)
        more = _more_notes(settings, report)
    by_name = {note.note_str: note for note in notes}
    train, valid = (NoteSet.of(cache, [by_name[name] for name in part]) for part in (split.train, split.valid))
    folder = _run_folder(settings, fit, cache, more)
    with ranks.leader_first():
        if ranks.leads:
            write_split(folder / SPLIT_NAME, draw_split(notes, settings.split, settings.seed))
        axes = saved_axes(cache, list(train.rows), folder.parent, report, cancel)
    torch.manual_seed(settings.seed)
    net = chosen.build(settings.spec, settings.latent_size, axes, fit)
    if fit.input_dropout and not hasattr(net, "blind"):
        raise UserError(f"{settings.family} has no input dropout; set input_dropout 0, or fit a residual-vae")
    for only_told in ("width", "members"):
        if getattr(fit, only_told) != 1 and net.key_range is None:
            raise UserError(f"{settings.family} has no {only_told}; set it to 1, or fit a keyed-vae or a pitched-vae")
    standing = fit_net(FitJob(net, (train, *more), valid, fit, settings.seed, folder, ranks), report, cancel)
    net.eval()
    return Fitted(settings, fit, chosen, net, notes, split, cache, standing)


def _cache(settings: TrainSettings, data: Path, notes: tuple[Note, ...], report: Report) -> FrameCache:
    return open_cache(
        data,
        notes,
        settings.spec,
        settings.cache_folder,
        processes=settings.threads,
        scheduler=settings.scheduler,
        progress=lambda done, total: report(Progress("frames", done, total)),
    )


def _more_notes(settings: TrainSettings, report: Report) -> tuple[NoteSet, ...]:
    """Notes of the other data sets, all of them for learning."""
    read = [(data, read_notes(data)) for data in settings.also]
    return tuple(NoteSet.of(_cache(settings, data, notes, report), notes) for data, notes in read)


def _run_folder(settings: TrainSettings, fit: FitSettings, cache: FrameCache, more: tuple[NoteSet, ...]) -> Path:
    """Folder of this job's state, named by all that its result depends on."""
    told = replace(settings, fit=fit, cache=None, runs=None, data=Path(cache.folder.name), threads=1)
    named = {key: value for key, value in asdict(told).items() if key not in _NOT_LEARNED_FROM}
    named["also"] = [notes.cache.folder.name for notes in more]
    if not more:
        del named["also"]  # a choice of later versions: older runs keep their folders
    for later in ("refit", "mix", "stretch_semitones", "weight_decay", "input_dropout", "width", "members"):
        if getattr(fit, later) == getattr(FitSettings, later):
            del named["fit"][later]  # a choice of later versions: older runs keep their folders
    if settings.split.endswith(".json"):
        named["split"] = hashlib.sha256(Path(settings.split).read_bytes()).hexdigest()
    digest = hashlib.sha256(json.dumps(named, default=str).encode()).hexdigest()[:12]
    split = Path(settings.split).stem
    folder = settings.runs_folder / f"{settings.family}-{settings.spec.sample_rate}-{split}-{digest}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the folder {folder}: {error.strerror}; choose another") from error
    return folder
