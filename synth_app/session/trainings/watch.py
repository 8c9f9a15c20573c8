"""Looks at a net after every epoch: a model to listen to, and the spectrogram of one held-out note."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from synth_app.evaluation.metrics.mel_distance import mel_filters
from synth_app.evaluation.metrics.rmse import Reconstruction
from synth_app.modelfile import ModelFile, save_model_file
from synth_app.modelfile.catalog import SUFFIX
from synth_app.session.trainings.messages import EpochDone, Message, Picture, Pictures, Playable
from synth_app.spectrum import FrameSpec, from_unit
from synth_app.training.data.frame_cache import Array, FrameCache
from synth_app.training.progress import Progress, ignore_progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from synth_app.training.fit.job import Fitted

MAX_EPOCH_MODELS = 12  # kept; of more epochs, evenly chosen ones
_BANDS, _COLUMNS, _RANGE_DB = 64, 128, 70.0


class EpochWatch:
    """Makes a model and a picture of every epoch.

    Args:
        folder: of the models, which exists.
        model: name in their cards.
        cache: frames. held_out: rows of notes that are not trained on. pitches: MIDI, by the notes' names.
        send: called with the messages.
    """

    def __init__(
        self, folder: Path, model: str, cache: FrameCache, held_out: Sequence[int], pitches: Mapping[str, int],
        send: "Callable[[Message], None]",
    ) -> None:  # fmt: skip
        self._folder, self._model, self._send = folder, model, send
        row = sorted(held_out, key=lambda each: pitches[cache.names[each]])[len(held_out) // 2]
        self._note, self._spec = cache.names[row], cache.spec
        self._pitch = pitches[self._note]
        frames = cache.unit(row)
        self._unit = frames[:: max(1, -(-len(frames) // _COLUMNS))].astype(np.float32)
        self._picture: Picture = np.zeros((_BANDS, len(self._unit)), np.uint8)

    def begin(self, start: ModelFile) -> None:
        """Send the pictures of the note as it was recorded, and as the model decodes it before the training."""
        recorded = picture(from_unit(self._unit, self._spec.floor_db), self._spec)
        decoded = picture(Reconstruction(start)(self._unit, self._pitch), self._spec)
        self._send(Pictures(self._note, recorded, decoded))

    def epochs_before(self) -> int:
        """Return the number of the last epoch that an earlier run left a model of; 0 for none."""
        numbers = [int(path.stem.partition("-")[2]) for path in self._folder.glob(f"epoch-[0-9]*{SUFFIX}")]
        return max(numbers, default=0)

    def epoch(self, fitted: "Fitted") -> None:
        """Save a draft of the model of this epoch, and decode the note."""
        from synth_app.training.export.export import to_model_file
        from synth_app.training.export.reconstruct import reconstruct

        unit = reconstruct(fitted.net, self._unit, self._pitch)
        self._picture = picture(from_unit(unit, self._spec.floor_db), self._spec)
        epoch, epochs = fitted.state.epoch, fitted.fit.epochs
        if epoch % -(-epochs // MAX_EPOCH_MODELS) and epoch < epochs:
            return
        path = self._folder / f"epoch-{epoch:03d}{SUFFIX}"
        save_model_file(path, to_model_file(fitted, self._model, ignore_progress, draft=True))
        self._send(Playable(path, f"Epoch {epoch}"))

    def report(self, progress: Progress, seconds_left: float) -> None:
        """Send the figures of the epoch with its picture."""
        train_db = math.sqrt(max(progress.loss or 0.0, 0.0)) * -self._spec.floor_db / 2.0
        valid_db = progress.valid_rmse_db or 0.0
        self._send(EpochDone(progress.done, progress.total, train_db, valid_db, seconds_left, self._picture))


def picture(frames_db: Array, spec: FrameSpec) -> Picture:
    """Return a spectrogram uint8 [64, frames] of mel bands, 255 for the loudest, 0 for 70 dB below it.

    Args:
        frames_db: [frames, bins]. spec: of these frames.
    """
    filters = mel_filters(spec.sample_rate, spec.n_fft, min(_BANDS, spec.bins // 4)).astype(np.float64)
    power = 10.0 ** (frames_db.astype(np.float64) / 10.0) @ filters.T
    db = 10.0 * np.log10(np.maximum(power, 1e-14))
    scaled = np.clip(1.0 + (db - db.max()) / _RANGE_DB, 0.0, 1.0)
    return np.asarray(255.0 * scaled.T, np.uint8)
