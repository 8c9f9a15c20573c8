"""One training job from notes to a trained net: frames, split, principal axes, net, optimization."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import torch

from synth_app.dataset.nsynth import Note, read_notes
from synth_app.dataset.splits import Split, write_split
from synth_app.modelfile import load_model_file
from synth_app.spectrum import FrameSpec
from synth_app.support.errors import UserError
from synth_app.training.data.batch_sampler import NoteSet
from synth_app.training.data.frame_cache import FrameCache
from synth_app.training.data.split_and_pca import cached_axes, make_split
from synth_app.training.families.base import Family, FrameNet
from synth_app.training.families.registry import families, family
from synth_app.training.fit.checkpoint import TrainingState
from synth_app.training.fit.distributed import Ranks, join
from synth_app.training.fit.loop import FitJob, fit_net
from synth_app.training.fit.run_folder import SPLIT_NAME, open_frames, run_folder, run_lock
from synth_app.training.progress import Cancel, Report
from synth_app.training.settings import FitSettings, TrainSettings, list_changes


@dataclass(frozen=True)
class Fitted:
    """A trained net and everything that its model card is made from."""

    settings: TrainSettings
    fit: FitSettings
    family: Family
    net: FrameNet
    notes: tuple[Note, ...]
    split: Split
    cache: FrameCache
    state: TrainingState

    @property
    def training_notes(self) -> NoteSet:
        """Notes of the training part."""
        by_name = {note.note_str: note for note in self.notes}
        return NoteSet.of(self.cache, [by_name[name] for name in self.split.train])


Watch = Callable[[Fitted], None]


def ignore_epoch(fitted: Fitted) -> None:
    """Do nothing: the default for ``watch``."""
    del fitted


def job_family(settings: TrainSettings) -> Family:
    """Return the family of a job: that of its name, or the one of the model that it begins with."""
    if settings.start is None:
        return family(settings.family)
    from synth_app.training.families.fine_tuned import fine_tuned

    return fine_tuned(load_model_file(settings.start))


def fit_family(settings: TrainSettings, report: Report, cancel: Cancel, watch: Watch = ignore_epoch) -> Fitted:
    """Run a training job, or continue one that was stopped. Raises as ``train_model``.

    ``watch`` is called with the net as it is after every epoch, ready to encode and decode. It must not change it.
    """
    torch.set_num_threads(settings.threads)
    torch.set_flush_denormal(True)
    try:
        return _fit_family(settings, report, cancel, watch)
    finally:
        torch.set_flush_denormal(False)  # other code of this process may rely on denormal numbers


def _fit_family(settings: TrainSettings, report: Report, cancel: Cancel, watch: Watch) -> Fitted:
    chosen, ranks = job_family(settings), join(settings.device)
    fit = settings.fit or chosen.fit(settings.spec)
    check_options(chosen, fit, settings.spec)
    notes = read_notes(settings.data)
    split = make_split(notes, settings.split, settings.seed_of_split, retrain=fit.retrain)
    with ranks.leader_first():
        cache = open_frames(settings, settings.data, notes, report)
        more = _more_notes(settings, report)
    folder = run_folder(settings, fit, cache, [each.cache for each in more])
    with run_lock(folder, ranks.is_leader):
        job = _Job(settings, fit, chosen, notes, split, cache, ranks, watch)
        return _fit_in_folder(job, more, folder, report, cancel)


@dataclass(frozen=True)
class _Job:
    """What a training needs besides its run folder."""

    settings: TrainSettings
    fit: FitSettings
    family: Family
    notes: tuple[Note, ...]
    split: Split
    cache: FrameCache
    ranks: Ranks
    watch: Watch

    def fitted(self, net: FrameNet, state: TrainingState) -> Fitted:
        """Return the net with everything that belongs to it."""
        return Fitted(self.settings, self.fit, self.family, net, self.notes, self.split, self.cache, state)


def _fit_in_folder(job: _Job, more: tuple[NoteSet, ...], folder: Path, report: Report, cancel: Cancel) -> Fitted:
    settings, fit, ranks, notes, cache = job.settings, job.fit, job.ranks, job.notes, job.cache
    by_name = {note.note_str: note for note in notes}
    train, valid = (NoteSet.of(cache, [by_name[name] for name in part]) for part in (job.split.train, job.split.valid))
    with ranks.leader_first():
        if ranks.is_leader:
            write_split(folder / SPLIT_NAME, make_split(notes, settings.split, settings.seed_of_split))
        axes = cached_axes(cache, list(train.rows), folder.parent, report, cancel)
    torch.manual_seed(settings.seed)
    net = job.family.build(settings.spec, settings.latent_size, axes, fit)

    def watch(state: TrainingState) -> None:
        net.eval()
        job.watch(job.fitted(net, state))
        net.train()

    state = fit_net(FitJob(net, (train, *more), valid, fit, settings.seed, folder, ranks, watch), report, cancel)
    net.eval()
    return job.fitted(net, state)


def check_options(chosen: Family, fit: FitSettings, spec: FrameSpec) -> None:
    """Refuse settings that the family does not use.

    Raises:
        UserError: names the setting and the families that use it.
    """
    own = chosen.fit(spec)
    if not own.epochs and (changed := [each for each in list_changes(fit, own) if not each.startswith("retrain=")]):
        raise UserError(
            f"{chosen.name} is computed exactly and has no training settings; leave out {', '.join(changed)}"
        )
    defaults = {field.name: field.default for field in fields(FitSettings)}
    for name in FitSettings.OPTIONAL:
        if getattr(fit, name) != defaults[name] and name not in chosen.options:
            users = " or ".join(known for known, other in families().items() if name in other.options)
            raise UserError(f"{chosen.name} has no {name}; set it to {defaults[name]}, or train one of: {users}")


def _more_notes(settings: TrainSettings, report: Report) -> tuple[NoteSet, ...]:
    """Return the notes of the additional data sets, all for training."""
    read = [(data, read_notes(data)) for data in settings.also]
    return tuple(NoteSet.of(open_frames(settings, data, notes, report), notes) for data, notes in read)
