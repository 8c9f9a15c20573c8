"""The whole of one training: notes from the recordings, PCA, fine-tuning or a new network, the model and its verdict.

Every part leaves a file, so that a training that was stopped continues where it was.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from synth_app.dataset.nsynth import EXAMPLES_NAME, Note, read_notes
from synth_app.dataset.recordings import ImportSettings, import_folder
from synth_app.dataset.splits import Split, write_split
from synth_app.modelfile import ModelFile, load_model_file, save_model_file
from synth_app.modelfile.catalog import SUFFIX
from synth_app.session.trainings.lengths import is_trained, job_settings, with_length
from synth_app.session.trainings.library import EPOCHS_FOLDER, PCA_FILE, TrainingEntry, free_model_name
from synth_app.session.trainings.messages import Done, Message, NoTorch, Playable, Step
from synth_app.session.trainings.plan import PLAN_NAME, write_plan
from synth_app.session.trainings.verdict import MelErrors, mel_error, verdict, verdict_of_pca
from synth_app.session.trainings.watch import EpochWatch
from synth_app.support.errors import UserError
from synth_app.training.data.frame_cache import FrameCache
from synth_app.training.export.corrections import with_corrections
from synth_app.training.export.pca_model import fit_pca
from synth_app.training.fit.run_folder import open_frames
from synth_app.training.progress import Cancel, Progress
from synth_app.training.settings import PCA_NAME, TrainSettings
from synth_app.training.train import TORCH_COMMAND

_HELD_OUT, _MAX_HELD_OUT = 0.1, 50  # fraction and most notes of those that choose the epoch, and of those that judge
_LEARNED_NOTES = 20  # of the training notes, for the verdict
_LEAST_NOTES = 5
_MAX_BANK = 300  # notes; of more notes the bank holds some of each instrument

Send = Callable[[Message], None]
_Names = tuple[str, ...]


@dataclass(frozen=True)
class _Notes:
    """The notes of a training: their frames, and the rows of some training notes and of those that judge."""

    folder: Path
    notes: tuple[Note, ...]
    cache: FrameCache
    learned: tuple[int, ...]
    held_out: tuple[int, ...]

    @property
    def pitches(self) -> dict[str, int]:
        return {note.note_str: note.pitch for note in self.notes}


def run_training(entry: TrainingEntry, models: Path, send: Send, cancel: Cancel, *, threads: int = 1) -> None:
    """Run a training to its end, or continue one that was stopped.

    Args:
        entry: the training.
        models: folder in which the finished model is saved.
        send: called with every message.
        cancel: called often; it may wait, for a pause, and returns True to stop.
        threads: CPU threads.

    Raises:
        UserError: a file cannot be read or written, or there are too few notes.
        TrainingCancelled: ``cancel`` returned True; the last complete epoch is kept.
    """
    settings = replace(
        job_settings(entry.plan.beginning, entry.folder / "notes"),
        threads=threads,
        cache=entry.folder / "cache",
        runs=entry.folder / "runs",
        split=str(entry.folder / "split.json"),
    )
    notes = _prepare(entry, settings, send)
    pca = _pca(entry, notes, settings, (_stages(send), cancel))
    send(Playable(entry.folder / PCA_FILE, "PCA"))
    missing = is_trained(entry.plan.beginning) and find_spec("torch") is None
    if missing:
        send(NoTorch(TORCH_COMMAND))
    if missing or not is_trained(entry.plan.beginning):
        words = verdict_of_pca(len(notes.held_out), _mel(pca, notes), TORCH_COMMAND if missing else "")
        _finish(entry, with_corrections(pca, notes.folder, _stages(send)), models, words, send)
        return
    start = None if settings.start is None else load_model_file(settings.start)
    trained = _trained(entry, notes, settings, start or pca, (send, cancel))
    learned, unseen = (
        MelErrors(
            _mel(pca, notes, rows),
            _mel(trained, notes, rows),
            None if start is None else _mel(start, notes, rows),
        )
        for rows in (notes.learned, notes.held_out)
    )
    _finish(entry, trained, models, verdict(learned, unseen, len(notes.held_out)), send)


def _stages(send: Send) -> Callable[[Progress], None]:
    return lambda progress: send(Step(progress.stage, progress.done, progress.total))


def _prepare(entry: TrainingEntry, settings: TrainSettings, send: Send) -> _Notes:
    """Import the recordings once, hold some notes out, and compute the frames that are missing."""
    folder = settings.data
    if not (folder / EXAMPLES_NAME).exists():
        importing = ImportSettings(settings.spec.sample_rate, licence=entry.plan.licence)
        import_folder(
            entry.plan.source, folder, importing, choices=entry.plan.file_choices(),
            progress=lambda done, total: send(Step("files", done, total)),
        )  # fmt: skip
    notes = read_notes(folder)
    if len(notes) < _LEAST_NOTES:
        raise UserError(
            f"{len(notes)} notes are too few to train on; use {_LEAST_NOTES} or more, or add them to your sounds"
        )
    train, valid, test = _parts(notes)
    write_split(Path(settings.split), Split(train, valid, test, "note", 0))
    alone = replace(settings, threads=1)  # a job's process must not start others
    cache = open_frames(alone, folder, notes, _stages(send))
    by_name = {note.note_str: note for note in notes}
    learned, unseen = (tuple(cache.rows([by_name[name] for name in part])) for part in (_some(train), test))
    return _Notes(folder, notes, cache, learned, unseen)


def _parts(notes: tuple[Note, ...]) -> tuple[_Names, _Names, _Names]:
    """Return the names of the notes to train on, to choose the best epoch by, and to judge by; always the same."""
    count = min(max(1, round(_HELD_OUT * len(notes))), _MAX_HELD_OUT)
    names = sorted(note.note_str for note in notes)
    mixed = [names[i] for i in np.random.default_rng(0).permutation(len(names))]
    valid, test, train = mixed[:count], mixed[count : 2 * count], mixed[2 * count :]
    return tuple(sorted(train)), tuple(sorted(valid)), tuple(sorted(test))


def _some(names: _Names) -> _Names:
    """Return every n-th name, so that about 20 are left."""
    return names[:: max(1, len(names) // _LEARNED_NOTES)]


def _pca(
    entry: TrainingEntry, notes: _Notes, settings: TrainSettings, calls: "tuple[Callable[[Progress], None], Cancel]"
) -> ModelFile:
    """Return the PCA model of the notes, with as many dimensions as the model that is trained."""
    path = entry.folder / PCA_FILE
    if path.is_file():
        return load_model_file(path)
    size = min(settings.latent_size, len(notes.notes))
    linear = replace(settings, family=PCA_NAME, start=None, latent_size=size, bank=_bank(notes))
    model = fit_pca(linear, entry.plan.model, *calls, corrections=False)
    save_model_file(path, model)
    return model


def _trained(
    entry: TrainingEntry, notes: _Notes, settings: TrainSettings, before: ModelFile, calls: tuple[Send, Cancel]
) -> ModelFile:
    """Return the trained model. ``before`` is what the pictures of the epochs are compared with."""
    from synth_app.training.export.export import to_model_file
    from synth_app.training.fit.job import fit_family

    send, cancel = calls
    settings = replace(with_length(settings, len(notes.notes), entry.plan.epochs), bank=_bank(notes))
    folder = entry.folder / EPOCHS_FOLDER
    folder.mkdir(exist_ok=True)
    watch = EpochWatch(folder, entry.plan.model, notes.cache, notes.held_out, notes.pitches, send)
    watch.begin(before)
    started_s = time.monotonic()
    first_epoch = watch.epochs_before()

    def report(progress: Progress) -> None:
        if progress.stage != "fit" or progress.valid_rmse_db is None:
            _stages(send)(progress)
            return
        seconds = (time.monotonic() - started_s) / max(progress.done - first_epoch, 1)
        watch.report(progress, seconds * (progress.total - progress.done))

    fitted = fit_family(settings, report, cancel, watch.epoch)
    return to_model_file(fitted, entry.plan.model, _stages(send))


def _bank(notes: _Notes) -> Path | None:
    return notes.folder if len(notes.notes) <= _MAX_BANK else None


def _mel(model: ModelFile, notes: _Notes, rows: tuple[int, ...] = ()) -> float:
    return mel_error(model, notes.cache, rows or notes.held_out, notes.pitches)


def _finish(entry: TrainingEntry, model: ModelFile, models: Path, words: str, send: Send) -> None:
    """Save the model under the planned name; if another model has taken it since, under a free one."""
    path = models / f"{entry.plan.model}{SUFFIX}"
    if path.exists():
        path = path.with_stem(free_model_name(entry.plan.model, [each.stem for each in models.glob(f"*{SUFFIX}")]))
    models.mkdir(parents=True, exist_ok=True)
    card = model.card.model_copy(update={"title": entry.plan.name, "name": path.stem})
    save_model_file(path, replace(model, card=card))
    write_plan(entry.folder / PLAN_NAME, entry.plan.model_copy(update={"model": path.stem, "verdict": words}))
    send(Done(path, words))
