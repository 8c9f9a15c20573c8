"""Where a voice is on its latent path, and the code and gain there (compiled).

A note is played in three parts. Attack: both slots' attacks are stretched to a common length, so that a
morph stays aligned. Sustain: read on, then wandered through between the loop marks for as long as the key is
down, the gain following the note's own decay. Release: from the key-up mark on, continuing at the level
that was reached.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.voices.packed_bank import PackedBank
from synth_app.engine.voices.sustain_loop import wander
from synth_app.support.kernels import inlined, internal_fast, public

Codes = NDArray[np.float32]
_f = np.float32

FREE, HELD, RELEASED = 0, 1, 2
SILENT_DB = np.float32(-200.0)


class Voices(NamedTuple):
    """State of all voices of one rig, one row each.

    Attributes:
        stage: int8 [v], FREE, HELD or RELEASED.
        key: int32 [v], MIDI note. channel: int32 [v]. bend: float64 [v], semitones on top.
        velocity: float32 [v], 0-1. velocity_db: float32 [v].
        lane: int32 [v]. serial: int64 [v], order of starting.
        start: int64 [v], sample of note-on. onset_frame: int64 [v], sample of the last frame made at the onset.
        side: float32 [v], -1 to 1, place between left and right at full spread.
        released: int64 [v], sample of note-off.
        attack_s, decay_s, release_s: float32 [v], the note's own times.
        amp_off: float32 [v], envelope at note-off.
        position: float64 [v, 2], frames since the onset in slot A, B, counted on; in_release: float64 [v].
        place, goal: float64 [v, 2], frame that is read in the sustain, where it turns; turns: int64 [v, 2], so far.
        path_z: float32 [v, latent], path_db: float32 [v], reference: float32 [v] (pitch): last values read.
        from_z, from_db, from_reference: values that a change is blended from; blend: float32 [v], 1 to 0.
        off_db: float32 [v], path gain at note-off.
        level_db: float32 [v], level of the last frame, for stealing.
    """

    stage: NDArray[np.int8]
    key: NDArray[np.int32]
    channel: NDArray[np.int32]
    bend: NDArray[np.float64]
    velocity: NDArray[np.float32]
    velocity_db: NDArray[np.float32]
    lane: NDArray[np.int32]
    serial: NDArray[np.int64]
    start: NDArray[np.int64]
    onset_frame: NDArray[np.int64]
    side: NDArray[np.float32]
    released: NDArray[np.int64]
    attack_s: NDArray[np.float32]
    decay_s: NDArray[np.float32]
    release_s: NDArray[np.float32]
    amp_off: NDArray[np.float32]
    position: NDArray[np.float64]
    in_release: NDArray[np.float64]
    place: NDArray[np.float64]
    goal: NDArray[np.float64]
    turns: NDArray[np.int64]
    path_z: NDArray[np.float32]
    path_db: NDArray[np.float32]
    reference: NDArray[np.float32]
    from_z: NDArray[np.float32]
    from_db: NDArray[np.float32]
    from_reference: NDArray[np.float32]
    blend: NDArray[np.float32]
    off_db: NDArray[np.float32]
    level_db: NDArray[np.float32]


def new_voices(n: int, latent_size: int) -> Voices:
    """All voices free."""
    f32, i64 = np.float32, np.int64

    def flat() -> NDArray[np.float32]:
        return np.zeros(n, f32)

    return Voices(
        stage=np.zeros(n, np.int8), key=np.zeros(n, np.int32), channel=np.zeros(n, np.int32), bend=np.zeros(n),
        velocity=flat(), velocity_db=flat(), lane=np.zeros(n, np.int32),
        serial=np.zeros(n, i64), start=np.zeros(n, i64), onset_frame=np.zeros(n, i64), side=flat(),
        released=np.zeros(n, i64),
        attack_s=flat(), decay_s=flat(), release_s=flat(), amp_off=flat(),
        position=np.zeros((n, 2)), in_release=np.zeros(n),
        place=np.zeros((n, 2)), goal=np.zeros((n, 2)), turns=np.zeros((n, 2), i64),
        path_z=np.zeros((n, latent_size), f32), path_db=flat(), reference=flat(),
        from_z=np.zeros((n, latent_size), f32), from_db=flat(), from_reference=flat(), blend=flat(),
        off_db=flat(), level_db=np.full(n, SILENT_DB, f32),
    )  # fmt: skip


@inlined
def advance_position(voices: Voices, v: int, bank: PackedBank, a: int, b: int, morph: float, frames: float) -> None:
    """Move a voice on by ``frames`` model frames of real time."""
    if voices.stage[v] == RELEASED:
        voices.in_release[v] += frames
        return
    attack_a, attack_b = float(bank.attack_end[a]), float(bank.attack_end[b])
    common = attack_a + morph * (attack_b - attack_a)
    for slot in range(2):
        attack = attack_a if slot == 0 else attack_b
        before = voices.position[v, slot]
        if before < attack and common > 0.0:
            voices.position[v, slot] += frames * attack / common
        else:
            voices.position[v, slot] += frames
        note, chain = (a, 0) if slot == 0 or a == b else (b, 1)  # the same note twice goes the same way
        end = float(bank.loop_end[note])
        beyond = voices.position[v, slot] - max(before, end)
        if beyond > 0.0:
            part = slice(slot, slot + 1)
            if before <= end:
                voices.place[v, slot] = voices.goal[v, slot] = end
            wander(voices.place[v, part], voices.goal[v, part], voices.turns[v, part],
                   float(bank.loop_start[note]), end, beyond, 2 * voices.serial[v] + chain)  # fmt: skip


@inlined
def _place(voices: Voices, v: int, bank: PackedBank, note: int, slot: int) -> float:
    """Frame of the note that the voice reads now."""
    if voices.stage[v] == RELEASED:
        return min(bank.release_start[note] + voices.in_release[v], float(bank.length[note] - 1))
    if voices.position[v, slot] <= bank.loop_end[note]:
        return voices.position[v, slot]
    return min(max(voices.place[v, slot], float(bank.loop_start[note])), float(bank.loop_end[note]))


@inlined
def _gain_at(voices: Voices, v: int, bank: PackedBank, note: int, slot: int, place: float) -> float:
    """Gain in dB: in a loop the note's own decay goes on; after key-up relative to the key-up mark."""
    first = bank.start[note]
    i = int(place)
    j = min(i + 1, bank.length[note] - 1)
    g = bank.gain_db[first + i] + (place - i) * (bank.gain_db[first + j] - bank.gain_db[first + i])
    if voices.stage[v] == RELEASED:
        return g - bank.gain_db[first + bank.release_start[note]]
    return g + bank.slope_db[note] * (voices.position[v, slot] - place)


@internal_fast
def _mix_codes(
    a: Codes, next_a: Codes, way_a: float, b: Codes, next_b: Codes, way_b: float, center_a: Codes, center_b: Codes,
    morph: float, motion: float, held: Codes, blend: float, out: Codes,
) -> None:  # fmt: skip
    """The code of ``read_path`` from those around it, all float32 [latent]."""
    fa, fb, m, along, w = _f(way_a), _f(way_b), _f(morph), _f(motion), _f(blend)
    for d in range(out.shape[0]):
        pa = a[d] + fa * (next_a[d] - a[d])
        pb = b[d] + fb * (next_b[d] - b[d])
        center = center_a[d] + m * (center_b[d] - center_a[d])
        z = center + along * (pa + m * (pb - pa) - center)
        out[d] = z + w * (held[d] - z)


@inlined
def read_path(
    voices: Voices, v: int, bank: PackedBank, a: int, b: int, morph: float, motion: float, blend_step: float
) -> None:
    """Set ``path_z``, ``path_db`` and ``reference`` of a voice for its present position.

    ``C + motion (P - C)`` with P the path morphed from slot A to B and C their centres, blended from the
    values frozen at the last sudden change (key-up, another slot) while ``blend`` runs from 1 to 0.
    """
    place_a, place_b = _place(voices, v, bank, a, 0), _place(voices, v, bank, b, 1)
    ia, ib = int(place_a), int(place_b)
    fa, fb = place_a - ia, place_b - ib
    row_a, row_b = bank.start[a] + ia, bank.start[b] + ib
    next_a = bank.start[a] + min(ia + 1, bank.length[a] - 1)
    next_b = bank.start[b] + min(ib + 1, bank.length[b] - 1)
    w = voices.blend[v]
    _mix_codes(
        bank.z[row_a], bank.z[next_a], fa, bank.z[row_b], bank.z[next_b], fb, bank.center_z[a], bank.center_z[b],
        morph, motion, voices.from_z[v], w, voices.path_z[v],
    )  # fmt: skip
    ga, gb = _gain_at(voices, v, bank, a, 0, place_a), _gain_at(voices, v, bank, b, 1, place_b)
    if voices.stage[v] == RELEASED:
        voices.path_db[v] = voices.off_db[v] + motion * (ga + morph * (gb - ga))
    else:
        center_db = bank.center_db[a] + morph * (bank.center_db[b] - bank.center_db[a])
        gain = center_db + motion * (ga + morph * (gb - ga) - center_db)
        voices.path_db[v] = gain + w * (voices.from_db[v] - gain)
    reference = bank.pitch[a] + morph * (bank.pitch[b] - bank.pitch[a])
    voices.reference[v] = reference + w * (voices.from_reference[v] - reference)
    voices.blend[v] = max(w - np.float32(blend_step), np.float32(0.0))


@public
def freeze(voices: Voices, v: int) -> None:
    """Blend whatever comes next from the values that sound now."""
    voices.from_z[v, :] = voices.path_z[v, :]
    voices.from_db[v] = voices.path_db[v]
    voices.from_reference[v] = voices.reference[v]
    voices.blend[v] = np.float32(1.0)


@public
def envelope(voices: Voices, v: int, time: int, sustain: float, rate: float) -> float:
    """Amplitude envelope (linear) at sample ``time``: linear attack, exponential decay and release.

    The decay covers 99 % of its way in ``decay_s``; the release falls by 60 dB in ``release_s``.
    """
    if voices.stage[v] == RELEASED:
        since = max(time - voices.released[v], 0) / rate
        return voices.amp_off[v] * 10.0 ** (-3.0 * since / voices.release_s[v])
    elapsed = max(time - voices.start[v], 0) / rate
    if elapsed < voices.attack_s[v]:
        return elapsed / voices.attack_s[v]
    return sustain + (1.0 - sustain) * np.exp(-4.605 * (elapsed - voices.attack_s[v]) / voices.decay_s[v])
