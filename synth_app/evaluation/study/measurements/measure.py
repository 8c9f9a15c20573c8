"""Measurement of one cell: errors, similarities, correlations of latent dimensions, parameters, times."""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.dataset.audio_io import resample
from synth_app.dataset.nsynth import Note, read_audio
from synth_app.dataset.splits import Split
from synth_app.decoder import Model, Network
from synth_app.evaluation.metrics.frame_rules import KeptFrames, errors_by_rule, kept_frames
from synth_app.evaluation.study.measurements.perceptual_similarity import SimilarityPanel
from synth_app.evaluation.study.measurements.results import FORMAT, CellResult, Cost, LatentStatistics
from synth_app.modelfile import Activation, ModelFile, Op, Parallel, Residual
from synth_app.spectrum import FrameSpec, from_unit
from synth_app.support.blas_threads import BlasThreadLimit

Array = NDArray[np.float32]
MAX_CORRELATION_SIZE = 32
SATURATED = 0.99
MAX_TRAIN_NOTES = 200
_TRIALS = 300
_BATCH = 64


class Measurer:
    """Measures models on one split's test notes. Values that do not depend on the model are computed once.

    Args:
        data: folder in NSynth's layout.
        notes: all its notes.
        split: its test part is measured on.
        spec: frames of all models.
        similarity_count: number of test notes with perceptual scores, chosen by ``seed``.
        seed: of that choice and that of the training notes.
    """

    def __init__(
        self, data: Path, notes: Sequence[Note], split: Split, spec: FrameSpec, similarity_count: int, seed: int
    ) -> None:
        self._data, self._spec = data, spec
        by_name = {note.note_str: note for note in notes}
        self.test = [by_name[name] for name in split.test]
        rng = np.random.default_rng([seed, 10])
        train = rng.permutation(len(split.train))[: min(len(self.test), MAX_TRAIN_NOTES)]
        self._test_frames = self._read(self.test)
        self._train_frames = self._read([by_name[split.train[i]] for i in sorted(train)])
        self.similarity_notes = [self.test[i] for i in sorted(rng.permutation(len(self.test))[:similarity_count])]
        sounds = [(note_sound(data, note, spec), note.pitch) for note in self.similarity_notes]
        self.panel = SimilarityPanel(sounds, spec)

    def measure(self, file: ModelFile, digest: str, family: str) -> CellResult:
        """Measure one model; the result gets ``digest`` and ``family``, which may be more specific than the card's.

        Raises:
            UserError: a note cannot be read.
        """
        card, model = file.card, Model(file)
        settings = card.training.settings
        return CellResult(
            format=FORMAT,
            digest=digest,
            family=family,
            title=card.title.split(",")[0],
            latent_size=card.latent_size,
            split=str(settings["split"]),
            seed=card.training.seed,
            beta=float(settings.get("beta", 0.0)),
            augment=float(settings.get("augment", 0.0)),
            spec=str(card.frame_spec),
            notes=tuple(note.note_str for note in self.test),
            errors=errors_by_rule(file, self._test_frames),
            train_errors=errors_by_rule(file, self._train_frames),
            similarity_notes=tuple(note.note_str for note in self.similarity_notes),
            similarities=self.panel.score(model),
            latent=self._latent(file),
            cost=measure_cost(file),
        )

    def _read(self, notes: Sequence[Note]) -> list[KeptFrames]:
        """Return the frames of notes as float16, for all models: 0.1 MB per note, within 0.02 dB per bin."""
        found = (kept_frames(self._data, note, self._spec) for note in notes)
        return [KeptFrames(frames.unit.astype(np.float16), frames.kept, frames.pitch) for frames in found]

    def _latent(self, file: ModelFile) -> LatentStatistics:
        model, floor_db = Model(file), file.card.spec.floor_db
        size = file.card.latent_size
        total, counted = np.zeros((size, size)), 0
        by_note: list[float] = []
        moments = LatentMoments(size)
        saturated = values = 0
        for note in self._test_frames:
            if not note.kept[0].any():
                by_note.append(0.0)
                continue
            z = model.encode(from_unit(note.unit.astype(np.float32), floor_db), note.pitch)[0][note.kept[0]]
            matrix = absolute_correlation(z)
            off = matrix[~np.eye(size, dtype=bool)]
            by_note.append(round(float(off.mean()), 5) if off.size else 0.0)
            total, counted = total + matrix, counted + 1
            moments.add(z)
            saturated, values = saturated + int((np.abs(z) > SATURATED).sum()), values + z.size
        bounded = has_tanh_output(file.card.encoder)
        shown = total / max(counted, 1) if size <= MAX_CORRELATION_SIZE else np.zeros((0, 0))
        return LatentStatistics(
            correlation=tuple(tuple(round(float(v), 4) for v in row) for row in shown),
            by_note=tuple(by_note),
            pooled=moments.mean_correlation(),
            saturated=round(saturated / max(values, 1), 5) if bounded else None,
        )


class LatentMoments:
    """Sums over latent vectors, from which the correlations over all of them follow."""

    def __init__(self, size: int) -> None:
        self._count, self._sum, self._products = 0, np.zeros(size), np.zeros((size, size))

    def add(self, z: Array) -> None:
        """Add latent vectors [frames, latent]."""
        wide = z.astype(np.float64)
        self._count += len(z)
        self._sum += wide.sum(axis=0)
        self._products += wide.T @ wide

    def mean_correlation(self) -> float | None:
        """Return the mean |correlation| of two dimensions; None for fewer than two dimensions or vectors."""
        if self._count < 2 or len(self._sum) < 2:
            return None
        covariance = self._products - np.outer(self._sum, self._sum) / self._count
        deviation = np.sqrt(np.maximum(np.diag(covariance), 0.0))
        moves = deviation > 1e-9 * max(1.0, float(deviation.max()))
        scale = np.where(moves, deviation, np.inf)
        matrix = np.minimum(np.abs(covariance / np.outer(scale, scale)), 1.0)
        return round(float(matrix[~np.eye(len(matrix), dtype=bool)].mean()), 5)


def note_sound(data: Path, note: Note, spec: FrameSpec) -> Array:
    """Return a note's sound at the frames' sample rate, float32 [samples]."""
    samples, rate = read_audio(data, note)
    return resample(samples, rate, spec.sample_rate)


def absolute_correlation(z: Array) -> NDArray[np.float64]:
    """Return |correlation| [latent, latent] over latent vectors [frames, latent]; 0 for constant dimensions."""
    centred = z.astype(np.float64) - z.mean(axis=0, dtype=np.float64)
    norm = np.sqrt((centred**2).sum(axis=0))
    moves = norm > 1e-9 * max(1.0, float(norm.max(initial=0.0)))
    scaled = np.where(moves, centred / np.where(moves, norm, 1.0), 0.0)
    matrix: NDArray[np.float64] = np.minimum(np.abs(scaled.T @ scaled), 1.0)
    np.fill_diagonal(matrix, 1.0)
    return matrix


def has_tanh_output(ops: tuple[Op, ...]) -> bool:
    """Return whether the last operation is tanh."""
    return bool(ops) and isinstance(ops[-1], Activation) and ops[-1].function == "tanh"


def measure_cost(file: ModelFile) -> Cost:
    """Return parameters from the file, training cost from its card, and decoding time measured here on one thread."""
    card, training = file.card, file.card.training
    settings = training.settings
    fitted = training.epochs > 0
    return Cost(
        encoder_parameters=count_parameters(card.encoder, file.tensors),
        decoder_parameters=count_parameters(card.decoder, file.tensors),
        epochs=training.epochs,
        best_epoch=int(settings.get("best_epoch", 0)) if fitted else 0,
        most_epochs=int(settings.get("epochs", 0)) if fitted else 0,
        frames_per_note=int(settings.get("frames_per_note", 0)) if fitted else 0,
        train_seconds=training.seconds,
        decode_us=round(_decode_us(file, 1), 2),
        decode_batch_us=round(_decode_us(file, _BATCH), 2),
    )


def count_parameters(ops: tuple[Op, ...], tensors: dict[str, Array]) -> int:
    """Return the number of values in all tensors that the operations use, each tensor once."""
    return sum(tensors[name].size for name in _tensor_names(ops))


def _tensor_names(ops: tuple[Op, ...]) -> set[str]:
    names: set[str] = set()
    for op in ops:
        if isinstance(op, Residual):
            names |= _tensor_names(op.body)
        elif isinstance(op, Parallel):
            names |= set().union(*(_tensor_names(branch) for branch in op.branches))
        elif not isinstance(op, Activation):
            fields = op.model_dump()
            names |= {value for key, value in fields.items() if key != "op" and isinstance(value, str)}
    return names


def _decode_us(file: ModelFile, batch: int) -> float:
    """Return microseconds per frame: the median of many calls."""
    network = Network(file.card.decoder, file.tensors, file.card.latent_size, batch, key_range=file.card.key_range)
    pitch = np.full(batch, 60.0, np.float32)
    z = np.random.default_rng(0).standard_normal((batch, file.card.latent_size)).astype(np.float32)
    with BlasThreadLimit():
        for _ in range(10):
            network.run(z, pitch)
        times = []
        for _ in range(max(_TRIALS // batch, 20)):
            start_s = time.perf_counter()
            network.run(z, pitch)
            times.append(time.perf_counter() - start_s)
    return 1e6 * float(np.median(times)) / batch
