"""User notes: notes that are mixed, edited or encoded in the session, not taken from the model's note bank."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile import BankNote, NoteMarks
from synth_app.modelfile.correction import Correction
from synth_app.support.errors import UserError

MAX_PATH_FRAMES = 2048  # an instrument reserves memory for this many; 20 s at 100 frames per second
MAX_RECORDINGS = 16  # of one sound; an instrument reserves memory for them
OWN_SOUND = "own_sound"
_MIN_FRAMES = 2


@dataclass(frozen=True)
class UserNote:
    """A latent path that a slot plays instead of a bank note. Plain data that can be compared and sent to the engine.

    Attributes:
        name: shown in the window, e.g. ``Rhodes EP + Strings``.
        family: an instrument family, ``OWN_SOUND`` for a recording of the user; "" for a mix of several.
        pitch: MIDI note of the recording; fractions are allowed.
        latent_size: of the model that it belongs to.
        z: float32 [frames, latent] as bytes in C order.
        gain_db: float32 [frames] as bytes, per-frame maximum re full-scale sine.
        marks: attack_end, loop_start, loop_end, release_start, as in ``modelfile.NoteMarks``.
        correction: what the decoder misses of the recording, or None.
        own_loop: whether the user chose the loop, as there.
        velocity: of the recording, 1 to 127.
        pitched: whether its pitch follows the keys. A sound without a pitch, such as a drum, plays at every key as it
            was recorded.
        others: the same sound at other keys and velocities, up to ``MAX_RECORDINGS`` with this note; they have no
            others themselves. Each key plays the nearest of them.
    """

    name: str
    family: str
    pitch: float
    latent_size: int
    z: bytes
    gain_db: bytes
    marks: tuple[int, int, int, int]
    correction: Correction | None = None
    own_loop: bool = False
    velocity: int = 100
    pitched: bool = True
    others: tuple["UserNote", ...] = ()

    def __post_init__(self) -> None:
        """Refuse a path that cannot be played."""
        gain, frames = self.gains(), len(self.gain_db) // 4
        if not _MIN_FRAMES <= frames <= MAX_PATH_FRAMES:
            raise UserError(f"{self.name}: {frames} frames; a note has {_MIN_FRAMES} to {MAX_PATH_FRAMES}")
        if len(self.z) != 4 * frames * self.latent_size or self.latent_size < 1:
            raise UserError(
                f"{self.name}: {len(self.z)} bytes of latent vectors for {frames} x {self.latent_size} numbers"
            )
        if not (np.isfinite(gain).all() and np.isfinite(self.codes()).all() and 0 <= self.pitch <= 127):
            raise UserError(f"{self.name}: latent vectors, gains and pitch must be finite, the pitch 0 to 127")
        attack, start, end, release = self.marks
        if not 0 <= attack <= start < end <= release <= frames:
            raise UserError(f"{self.name}: marks {self.marks} must rise within {frames} frames")
        if not 1 <= self.velocity <= 127:
            raise UserError(f"{self.name}: velocity {self.velocity} is outside 1-127")
        self._check_others()

    def _check_others(self) -> None:
        if len(self.others) >= MAX_RECORDINGS:
            raise UserError(f"{self.name}: {len(self.others) + 1} recordings; a sound has {MAX_RECORDINGS} at most")
        if any(each.others or each.latent_size != self.latent_size for each in self.others):
            raise UserError(f"{self.name}: its recordings must be single notes of the same model")

    @property
    def recordings(self) -> tuple["UserNote", ...]:
        """This note alone, and the others."""
        return (replace(self, others=()), *self.others) if self.others else (self,)

    @classmethod
    def of(cls, note: BankNote, pitch: float | None = None) -> "UserNote":
        """Return a user note like a bank note; give ``pitch`` where it is not a whole number."""
        marks = note.marks
        return cls(
            name=note.instrument,
            family=note.family,
            pitch=float(note.pitch) if pitch is None else pitch,
            latent_size=note.z.shape[1],
            z=np.ascontiguousarray(note.z, np.float32).tobytes(),
            gain_db=np.ascontiguousarray(note.gain_db, np.float32).tobytes(),
            marks=(marks.attack_end, marks.loop_start, marks.loop_end, marks.release_start),
            correction=note.correction,
            own_loop=marks.own_loop,
            velocity=note.velocity,
        )

    def codes(self) -> NDArray[np.float32]:
        """Return the path, float32 [frames, latent], read-only."""
        return np.frombuffer(self.z, np.float32).reshape(-1, self.latent_size)

    def gains(self) -> NDArray[np.float32]:
        """Return the gains in dB, float32 [frames], read-only."""
        return np.frombuffer(self.gain_db, np.float32)

    def note(self) -> BankNote:
        """Return a bank note of this path; its pitch is rounded."""
        return BankNote(
            self.name, self.name, self.family, round(self.pitch), self.velocity, self.codes(), self.gains(),
            NoteMarks(*self.marks, own_loop=self.own_loop), self.correction,
        )  # fmt: skip
