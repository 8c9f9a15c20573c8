"""Finds what is nearest to a sound, by the learned metric."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synth_app.evaluation.similarity.features import SoundShape, features
from synth_app.evaluation.similarity.metric import METRIC_FILE, Metric, shipped_metric
from synth_app.session.find.candidates import Candidate, candidates
from synth_app.session.find.like_shape import recorded_shape
from synth_app.session.find.similar import Kind, Similar
from synth_app.session.presets.library import PresetLibrary
from synth_app.session.presets.preset_capture import card_digest
from synth_app.session.sounds.sound_library import SoundLibrary
from synth_app.support.errors import UserError
from synth_app.support.files import reason
from synth_app.support.resources import user_folder
from synth_app.support.tensor_files import read_arrays, save_arrays

if TYPE_CHECKING:
    from synth_app.decoder import Model

_VERSION = 1  # of the features; a higher one measures everything again


@dataclass(frozen=True)
class Found:
    """Something found.

    Attributes:
        candidate: what it is, at the key that is nearest.
        distance: from the sound that was looked for; one instrument an octave away is at 5 in the median, another
            one at 12.
    """

    candidate: Candidate
    distance: float

    @property
    def similar(self) -> Similar:
        """The find as plain data."""
        each = self.candidate
        return Similar(each.kind, each.key, each.name, each.group, each.pitch, self.distance)


class SoundFinder:
    """Looks for sounds among everything that a model can play.

    The points of all candidates are measured once and kept in the user's cache; a candidate that changed is measured
    again. The first search with a model takes a few seconds, the later ones a tenth of one.

    Args:
        model: loaded from ``path``. path: of its file.
        sounds, presets: the user's libraries; None for those in the usual folders.
        cache: folder of the points; None for the usual one.
        progress: called with (candidates measured, all to measure).

    Attributes:
        candidates: what is searched.
        problems: one line for each thing that was left out, because it is damaged or silent.

    Raises:
        UserError: the metric's file is missing, or the cache cannot be written.
    """

    def __init__(
        self, model: "Model", path: str, sounds: SoundLibrary | None = None, presets: PresetLibrary | None = None,
        cache: Path | None = None, progress: Callable[[int, int], None] | None = None,
    ) -> None:  # fmt: skip
        self._metric: Metric = shipped_metric()
        libraries = sounds or SoundLibrary(), presets or PresetLibrary()
        self.candidates = tuple(candidates(model, path, *libraries))
        folder = cache or user_folder("cache") / "similar"
        file = folder / f"{card_digest(model.card)}-{len(model.bank)}.safetensors"
        self.problems: tuple[str, ...] = ()
        self._points = self._measured(file, progress)

    def like_audio(self, samples: NDArray[np.float32], rate: int, pitch: float | None = None) -> list[Found]:
        """Return what is nearest to a recording, the nearest first.

        Args:
            samples: float32 [n], mono. rate: Hz.
            pitch: MIDI; None finds it.

        Raises:
            UserError: almost all of it is silent.
        """
        return self.like(recorded_shape(samples, rate, pitch))

    def like(self, shape: SoundShape, leave_out: Callable[[Candidate], bool] = lambda _: False) -> list[Found]:
        """Return what is nearest to a sound: each name of each kind once, at its nearest key, the nearest first.

        Args:
            shape: of the sound.
            leave_out: returns whether a candidate is no find.
        """
        if not self.candidates:
            return []
        distance = self.distances(shape)
        found: dict[tuple[Kind, str], Found] = {}
        for i in np.argsort(distance, kind="stable"):
            each = self.candidates[i]
            if not leave_out(each):
                found.setdefault((each.kind, each.name), Found(each, float(distance[i])))
        return list(found.values())

    def distances(self, shape: SoundShape) -> NDArray[np.float32]:
        """Return how far each of the candidates is from a sound, float32 [candidates]."""
        return np.asarray(np.linalg.norm(self._points - self._point(shape), axis=1), np.float32)

    def _point(self, shape: SoundShape) -> NDArray[np.float32]:
        return self._metric.points(features(shape)[None], np.array([shape.pitch]))[0]

    def _measured(self, file: Path, progress: Callable[[int, int], None] | None) -> NDArray[np.float32]:
        """Return the points of all candidates, float32 [n, dimensions]; measure those that the cache lacks.

        Candidates that cannot be measured are left out, and named in ``problems``.
        """
        digests = [_digest(each) for each in self.candidates]
        kept = read_arrays(file) or {}
        missing = [i for i, digest in enumerate(digests) if digest not in kept]
        points, problems = dict(kept), list[str]()
        for count, i in enumerate(missing):
            try:
                points[digests[i]] = self._point(self.candidates[i].shape())
            except UserError as error:
                problems.append(f"{self.candidates[i].name} is left out: {error}")
            if progress:
                progress(count + 1, len(missing))
        usable = [(each, digest) for each, digest in zip(self.candidates, digests, strict=True) if digest in points]
        self.candidates, self.problems = tuple(each for each, _ in usable), tuple(problems)
        found = {digest: points[digest] for _, digest in usable}
        if found.keys() != kept.keys():
            _save(file, found)
        empty = np.zeros((0, self._metric.axes.shape[1]), np.float32)
        return np.stack([points[digest] for _, digest in usable]) if usable else empty


def _save(file: Path, points: dict[str, NDArray[np.float32]]) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the folder {file.parent}: {reason(error)}; free the space or the name") from error
    save_arrays(file, points)


@lru_cache(maxsize=1)
def _metric_digest() -> str:
    return hashlib.sha256(METRIC_FILE.read_bytes()).hexdigest()


def _digest(candidate: Candidate) -> str:
    return hashlib.sha256(f"{_VERSION} {_metric_digest()} {candidate.kind} {candidate.digest}".encode()).hexdigest()
