"""One training job from notes to a trained net: frames, split, principal axes, net, optimization."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock, Timeout

from synth_app.dataset.nsynth import Note, read_notes
from synth_app.dataset.splits import Split, write_split
from synth_app.spectrum import FrameSpec
from synth_app.support.errors import UserError
from synth_app.training.data.batch_sampler import NoteSet
from synth_app.training.data.frame_cache import FrameCache, open_cache
from synth_app.training.data.split_and_pca import cached_axes, make_split
from synth_app.training.families.base import Family, FrameNet
from synth_app.training.families.registry import families, family
from synth_app.training.fit.checkpoint import TrainingState
from synth_app.training.fit.distributed import Ranks, join
from synth_app.training.fit.loop import FitJob, fit_net
from synth_app.training.progress import Cancel, Progress, Report
from synth_app.training.settings import OLD_NAMES, FitSettings, TrainSettings, list_changes

LOCK_NAME = "lock"
SPLIT_NAME = "split.json"  # held-out notes, in a job's run folder
_WITHOUT_EFFECT = ("bank", "device", "scheduler")  # settings that do not change the trained net
# Settings of later versions. The run folder's digest leaves them out at their defaults, so that older runs are found.
_LATER_SETTINGS = (
    "retrain", "mixup", "stretch_semitones", "weight_decay", "input_dropout", "width", "ensemble", "objective",
)  # fmt: skip


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


def fit_family(settings: TrainSettings, report: Report, cancel: Cancel) -> Fitted:
    """Run a training job, or continue one that was stopped. Raises as ``train_model``."""
    torch.set_num_threads(settings.threads)
    torch.set_flush_denormal(True)
    try:
        return _fit_family(settings, report, cancel)
    finally:
        torch.set_flush_denormal(False)  # other code of this process may rely on denormal numbers


def _fit_family(settings: TrainSettings, report: Report, cancel: Cancel) -> Fitted:
    chosen, ranks = family(settings.family), join(settings.device)
    fit = settings.fit or chosen.fit(settings.spec)
    check_options(chosen, fit, settings.spec)
    notes = read_notes(settings.data)
    split = make_split(notes, settings.split, settings.seed_of_split, retrain=fit.retrain)
    with ranks.leader_first():
        cache = _cache(settings, settings.data, notes, report)
        more = _more_notes(settings, report)
    folder = _run_folder(settings, fit, cache, more)
    with _lock(folder, ranks.is_leader):
        return _fit_in_folder(_Job(settings, fit, chosen, notes, split, cache, ranks), more, folder, report, cancel)


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
    state = fit_net(FitJob(net, (train, *more), valid, fit, settings.seed, folder, ranks), report, cancel)
    net.eval()
    return Fitted(settings, fit, job.family, net, notes, job.split, cache, state)


@contextmanager
def _lock(folder: Path, is_leader: bool) -> Iterator[None]:
    """Keep other trainings out of a run folder. The system ends the lock with the process.

    Raises:
        UserError: another training uses the folder.
    """
    if not is_leader:
        yield
        return
    lock = FileLock(folder / LOCK_NAME)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise UserError(
            f"another training with the same settings uses {folder}; wait until it ends, or change a setting"
        ) from error
    try:
        yield
    finally:
        lock.release()


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
    """Return the notes of the additional data sets, all for training."""
    read = [(data, read_notes(data)) for data in settings.also]
    return tuple(NoteSet.of(_cache(settings, data, notes, report), notes) for data, notes in read)


def _run_folder(settings: TrainSettings, fit: FitSettings, cache: FrameCache, more: tuple[NoteSet, ...]) -> Path:
    """Make the folder of this job's state. Its name has a digest of everything that the trained net depends on."""
    normalized = replace(settings, fit=fit, cache=None, runs=None, data=Path(cache.folder.name), threads=1)
    named = {key: value for key, value in asdict(normalized).items() if key not in _WITHOUT_EFFECT}
    named["fit"] = _digest_settings(fit)
    named["also"] = [notes.cache.folder.name for notes in more]
    if not more:
        del named["also"]  # a setting of a later version
    if named["split_seed"] in (None, settings.seed):
        del named["split_seed"]  # a setting of a later version
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


def _digest_settings(fit: FitSettings) -> dict[str, Any]:
    """Return the settings under the names of earlier versions, so that older runs keep their folders."""
    old_names = {new: old for old, new in OLD_NAMES.items()}
    kept = {
        name: value
        for name, value in asdict(fit).items()
        if name not in _LATER_SETTINGS or value != getattr(FitSettings, name)
    }
    return {old_names.get(name, name): value for name, value in kept.items()}
