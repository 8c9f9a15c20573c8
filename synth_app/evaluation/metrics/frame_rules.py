"""Rules for the frames of a note that count in its error. RMSE depends on the rule, so reports give both."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator

from synth_app.dataset.nsynth import Note
from synth_app.evaluation.metrics.frame_audibility import AudibleError
from synth_app.evaluation.metrics.rmse import Reconstruction, Reconstructor, Rmse
from synth_app.modelfile import ModelFile
from synth_app.spectrum import FrameSpec, from_unit, remove_gain, to_unit
from synth_app.training.data.frame_cache import SILENT_BELOW_NOTE_DB, SILENT_DBFS, active_frames, note_db_frames

Array = NDArray[np.float32]
PAPER_SILENT_DBFS = -100.0


@dataclass(frozen=True)
class FrameRule:
    """One rule for the frames that count.

    Attributes:
        name: "active" or "paper".
        text: description for people.
        keep: a note's frame maxima [frames] in dBFS to a mask of the frames that count.
    """

    name: str
    text: str
    keep: Callable[[Array], NDArray[np.bool_]]


ACTIVE = FrameRule(
    "active",
    f"frames over {SILENT_DBFS:g} dBFS and within {SILENT_BELOW_NOTE_DB:g} dB of their note's maximum",
    active_frames,
)
# The study drops silent frames and does not define them. This rule keeps all frames above rounding noise.
PAPER = FrameRule(
    "paper",
    f"as in the reference study: all frames over {PAPER_SILENT_DBFS:g} dBFS, with decays and releases to their end",
    lambda gain_db: gain_db > PAPER_SILENT_DBFS,
)
RULES = (ACTIVE, PAPER)


def _present_rule_name(name: str) -> str:
    """Return a rule's present name for one in a result file of an earlier version."""
    return "active" if name == "sounding" else name


@dataclass(frozen=True)
class RuleErrors:
    """A model's errors by one rule, note by note. Notes without a frame that counts have 0 frames.

    Attributes:
        rule: name of the rule.
        mean_squares: dB^2, over all bins of the frames that count.
        frames: number of frames that count.
    """

    rule: Annotated[str, AfterValidator(_present_rule_name)]
    mean_squares: tuple[float, ...]
    frames: tuple[int, ...]

    def rmse(self) -> Rmse:
        """Return the RMSE pooled over frames and the mean of the notes' own; NaN if no frame counts."""
        squares, frames = np.array(self.mean_squares), np.array(self.frames)
        if not frames.sum():
            return Rmse(pooled_db=float("nan"), per_note_db=float("nan"), notes=0, frames=0)
        return Rmse(
            pooled_db=float(np.sqrt(squares @ frames / frames.sum())),
            per_note_db=float(np.sqrt(squares[frames > 0]).mean()),
            notes=int((frames > 0).sum()),
            frames=int(frames.sum()),
        )


@dataclass(frozen=True)
class KeptFrames:
    """A note's frames that count by any rule.

    Attributes:
        unit: scaled frames [frames, bins], float32, or float16 where many notes are in memory.
        kept: bool [rules, frames], mask of each rule of ``RULES``.
        pitch: MIDI pitch of the note.
    """

    unit: NDArray[np.floating]
    kept: NDArray[np.bool_]
    pitch: int


def kept_frames(folder: Path, note: Note, spec: FrameSpec) -> KeptFrames:
    """Read a note and return its frames that count by any rule.

    Raises:
        UserError: the note cannot be read.
    """
    shape_db, gain_db = remove_gain(note_db_frames(folder, note, spec), spec.floor_db)
    kept = np.array([rule.keep(gain_db) for rule in RULES], dtype=bool).reshape(len(RULES), len(gain_db))
    counts = kept.any(axis=0)
    return KeptFrames(to_unit(shape_db[counts], spec.floor_db), kept[:, counts], note.pitch)


def errors_by_rule(model: ModelFile, notes: Iterable[KeptFrames]) -> tuple[RuleErrors, ...]:
    """Return a model's errors by every rule of ``RULES``, in their order.

    Each note goes through the model once, with all frames that count by any rule, so that a recurrent model gets it
    whole.
    """
    (found,) = all_errors_by_rule((Reconstruction(model),), model.card.spec.floor_db, notes)
    return found


def all_errors_by_rule(
    reconstructors: Sequence[Reconstructor],
    floor_db: float,
    notes: Iterable[KeptFrames],
    audible: Sequence[AudibleError] = (),
) -> tuple[tuple[RuleErrors, ...], ...]:
    """Return the errors of several reconstructors [reconstructors][rules]. They share the notes' frames.

    Args:
        reconstructors: what makes frames from frames.
        floor_db: of the scaled frames.
        notes: their frames that count.
        audible: one per reconstructor; each adds up the audible errors of the active frames. None are measured if it
            is empty.
    """
    squares: list[list[list[float]]] = [[[] for _ in RULES] for _ in reconstructors]
    counts: list[list[int]] = [[] for _ in RULES]
    for note in notes:
        unit = note.unit.astype(np.float32, copy=False)
        true_db = from_unit(unit, floor_db)
        active = note.kept[RULES.index(ACTIVE)]
        for i, (reconstruct, of_model) in enumerate(zip(reconstructors, squares, strict=True)):
            made_db = reconstruct(unit, note.pitch) if len(unit) else true_db
            error = np.square(made_db - true_db, dtype=np.float64).mean(axis=1)
            if audible and active.any():
                audible[i].add_note(made_db[active], true_db[active], note.pitch)
            for keep, found in zip(note.kept, of_model, strict=True):
                found.append(round(float(error[keep].mean()), 5) if keep.any() else 0.0)
        for keep, count in zip(note.kept, counts, strict=True):
            count.append(int(keep.sum()))
    return tuple(
        tuple(RuleErrors(r.name, tuple(f), tuple(c)) for r, f, c in zip(RULES, of_model, counts, strict=True))
        for of_model in squares
    )
