"""The packed bank holds what its notes hold."""

import numpy as np

from synth_app.engine.voices.packed_bank import pack_bank
from synth_app.modelfile import BankNote, NoteMarks, note_center


def test_the_centers_are_those_of_the_notes() -> None:
    """Notes of many lengths, more than are summed at once; some loops end with the note, some have one frame."""
    rng = np.random.default_rng(0)
    notes = []
    for i in range(37):
        frames = int(rng.integers(4, 300))
        start = int(rng.integers(1, frames - 1))
        end = frames if i % 3 == 0 else start + 1 if i % 3 == 1 else int(rng.integers(start + 1, frames))
        z = rng.standard_normal((frames, 5)).astype(np.float32)
        gain_db = rng.uniform(-90, 0, frames).astype(np.float32)
        notes.append(BankNote(f"n{i}", "", "", 60, 100, z, gain_db, NoteMarks(1, start, end, frames)))
    packed = pack_bank(tuple(notes), 100.0)
    centers = [note_center(note) for note in notes]
    np.testing.assert_allclose(packed.center_z, [z for z, _ in centers], atol=1e-5)
    np.testing.assert_allclose(packed.center_db, [gain for _, gain in centers], atol=1e-4)
    assert packed.center_z.dtype == packed.center_db.dtype == np.float32
