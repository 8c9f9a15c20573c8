"""Room behind a packed bank for notes that are written into it while it is played."""

import numpy as np

from synth_app.engine.voices.packed_bank import PackedBank, pack_bank
from synth_app.patch.user_note import MAX_FRAMES, UserNote


def with_room(bank: PackedBank, notes: int) -> PackedBank:
    """A copy of ``bank`` with ``notes`` silent rows of ``MAX_FRAMES`` frames at the end."""
    latent, frames = bank.z.shape[1], len(bank.z)
    more = notes * MAX_FRAMES
    starts = frames + MAX_FRAMES * np.arange(notes, dtype=np.int64)
    marks = {"length": 2, "attack_end": 0, "loop_start": 0, "loop_end": 1, "release_start": 1}
    rows = {name: np.full(notes, value, np.int64) for name, value in marks.items()}
    rows["start"] = starts
    zeros = {name: np.zeros(notes, np.float32) for name in ("slope_db", "center_db", "pitch")}
    return bank._replace(
        z=np.concatenate([bank.z, np.zeros((more, latent), np.float32)]),
        gain_db=np.concatenate([bank.gain_db, np.zeros(more, np.float32)]),
        center_z=np.concatenate([bank.center_z, np.zeros((notes, latent), np.float32)]),
        **{name: np.concatenate([getattr(bank, name), row]) for name, row in {**rows, **zeros}.items()},
    )


def write_note(bank: PackedBank, row: int, note: UserNote, frames_per_second: float) -> None:
    """Put a note into a row made by ``with_room``; its latent size must be the bank's."""
    packed = pack_bank((note.note(),), frames_per_second)
    first, count = int(bank.start[row]), len(packed.z)
    bank.z[first : first + count] = packed.z
    bank.gain_db[first : first + count] = packed.gain_db
    for name in ("length", "attack_end", "loop_start", "loop_end", "release_start", "slope_db", "center_db"):
        getattr(bank, name)[row] = getattr(packed, name)[0]
    bank.center_z[row] = packed.center_z[0]
    bank.pitch[row] = note.pitch
