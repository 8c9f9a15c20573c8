"""Seeded pairs of contents and styles, and the baselines that a style must beat."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.modelfile import BankNote
from synth_app.patch import UserNote
from synth_app.session.pad.note_mixing import NoteMixer, Part
from synth_app.session.sounds.encode_sound import NoteSettings, encode_audio
from synth_app.support.errors import UserError

Sound = NDArray[np.float32]
LEAST_SECONDS = 2.8  # from onset to release


def choose_contents(model: Model, count: int, seed: int) -> tuple[UserNote, ...]:
    """Choose notes of different families, at random.

    Args:
        model: with a note bank.
        count: up to 10.
        seed: of the choice.

    Raises:
        UserError: the bank has too few families of notes of 2.8 s or more.
    """
    least = LEAST_SECONDS / model.spec.hop_seconds
    rng = np.random.default_rng(seed)
    families: dict[str, list[BankNote]] = {}
    for note in model.bank:
        if note.marks.release_start >= least:
            families.setdefault(note.family, []).append(note)
    names = sorted(families)
    if len(names) < count:
        raise UserError(
            f"{model.card.name} has notes of {LEAST_SECONDS:g} s or more in {len(names)} families; "
            f"choose at most {len(names)} contents"
        )
    chosen = rng.permutation(len(names))[:count]
    return tuple(UserNote.of(families[names[i]][rng.integers(len(families[names[i]]))]) for i in sorted(chosen))


def choose_keys(note: UserNote, count: int, seed: int) -> tuple[int, ...]:
    """Choose other keys within an octave of a note's own, at random, in rising order."""
    own = round(note.pitch)
    others = [own + step for step in range(-12, 13) if step and 21 <= own + step <= 108]
    return tuple(sorted(int(key) for key in np.random.default_rng(seed).choice(others, count, replace=False)))


def encoded_texture(model: Model, name: str, audio: Sound, pitch: float) -> UserNote:
    """Encode a texture at the model's rate as a note of a pitch, as the program encodes a sound file."""
    return encode_audio(model, audio, model.spec.sample_rate, NoteSettings(name, pitch))


def mean_shift(content: UserNote, texture: UserNote) -> UserNote:
    """Return the content with the mean latent vector of the texture: the baseline that fools a Gram distance."""
    z = content.codes()
    shifted = z - z.mean(axis=0) + texture.codes().mean(axis=0)
    return replace(content, z=np.ascontiguousarray(shifted, np.float32).tobytes())


def half_morph(model: Model, content: UserNote, texture: UserNote) -> UserNote:
    """Return the content morphed half-way to the texture, as the window mixes notes."""
    mixer = NoteMixer(model)
    parts = [Part(note.note(), 0.5, note.pitch) for note in (content, texture)]
    return replace(mixer.mix(parts), name=content.name)
