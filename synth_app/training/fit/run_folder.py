"""The folder of a training's state: its name, its lock, and the frames that the training reads. Needs no torch."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from synth_app.dataset.nsynth import Note
from synth_app.modelfile import read_content_digest
from synth_app.support.errors import UserError
from synth_app.training.data.frame_cache import FrameCache, open_cache
from synth_app.training.progress import Progress, Report
from synth_app.training.settings import OLD_NAMES, FitSettings, TrainSettings

LOCK_NAME = "lock"
SPLIT_NAME = "split.json"  # held-out notes, in a job's run folder
_WITHOUT_EFFECT = ("bank", "device", "scheduler")  # settings that do not change the trained net
# Settings of later versions. The run folder's digest leaves them out at their defaults, so that older runs are found.
_LATER_SETTINGS = (
    "retrain", "mixup", "stretch_semitones", "weight_decay", "input_dropout", "width", "ensemble", "objective",
)  # fmt: skip


@contextmanager
def run_lock(folder: Path, is_leader: bool = True) -> Iterator[None]:
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


def open_frames(settings: TrainSettings, data: Path, notes: tuple[Note, ...], report: Report) -> FrameCache:
    """Open the cache of a data set's frames, and compute those that are missing."""
    return open_cache(
        data,
        notes,
        settings.spec,
        settings.cache_folder,
        processes=settings.threads,
        scheduler=settings.scheduler,
        progress=lambda done, total: report(Progress("frames", done, total)),
    )


def run_folder(settings: TrainSettings, fit: FitSettings, cache: FrameCache, more: Sequence[FrameCache] = ()) -> Path:
    """Make the folder of this job's state. Its name has a digest of everything that the trained net depends on."""
    normalized = replace(settings, fit=fit, cache=None, runs=None, data=Path(cache.folder.name), threads=1)
    named = {key: value for key, value in asdict(normalized).items() if key not in _WITHOUT_EFFECT}
    named["fit"] = _digest_settings(fit)
    named["also"] = [each.folder.name for each in more]
    if not more:
        del named["also"]  # a setting of a later version
    if settings.start is None:
        del named["start"]  # a setting of a later version
    else:
        named["start"] = read_content_digest(settings.start)
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
