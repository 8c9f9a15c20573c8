"""The position of a voice on its latent path, and the latent vector and gain there (compiled).

A note has three parts. Attack: both slots' attacks are stretched to a common length, so that a morph stays aligned.
Sustain: the path is read to its end, then back and forth in its last part while the key is held; gain and latent vector
continue along the slopes that the recording had. Release: the path is read from the key-up mark on, and continues at
the level that was reached.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.control.envelope import attack_decay
from synth_app.engine.voices.packed_bank import PackedBank
from synth_app.engine.voices.sustain_loop import advance_in_loop
from synth_app.support.kernels import inlined, internal_fast, public

Latents = NDArray[np.float32]
_f = np.float32

FREE, HELD, RELEASED = 0, 1, 2
SILENT_DB = np.float32(-200.0)


class Voices(NamedTuple):
    """State of all voices of one instrument, one row each.

    Attributes:
        stage: int8 [v], FREE, HELD or RELEASED.
        key: int32 [v], MIDI note. channel: int32 [v]. bend: float64 [v], semitones added to the key.
        velocity: float32 [v], 0-1. velocity_db: float32 [v].
        lane: int32 [v], index of the lane. serial: int64 [v], order of starting.
        start: int64 [v], sample of note-on. onset_frame: int64 [v], sample of the last frame made at the onset.
        side: float32 [v], -1 to 1, position between left and right at full spread.
        unison_side: float32 [v], the same without spread; 0 but for voices of a unison.
        released: int64 [v], sample of note-off.
        attack_s, decay_s, release_s: float32 [v], times of this note.
        amp_off: float32 [v], envelope at note-off.
        position: float64 [v, 2], frames since the onset in slot A, B, loops included; in_release: float64 [v],
            frames since key-up.
        loop_position, turning_point: float64 [v, 2], frame read in the sustain, and where its direction changes;
            turns: int64 [v, 2], changes so far.
        path_z: float32 [v, latent], path_db: float32 [v], reference: float32 [v] (pitch): values read last.
        from_z, from_db, from_reference: values frozen at a sudden change; blend: float32 [v], their weight, 1 to 0.
        off_db: float32 [v], path gain at note-off.
        level_db: float32 [v], level of the last frame, for voice stealing.
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
    unison_side: NDArray[np.float32]
    released: NDArray[np.int64]
    attack_s: NDArray[np.float32]
    decay_s: NDArray[np.float32]
    release_s: NDArray[np.float32]
    amp_off: NDArray[np.float32]
    position: NDArray[np.float64]
    in_release: NDArray[np.float64]
    loop_position: NDArray[np.float64]
    turning_point: NDArray[np.float64]
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
    """Return the state of ``n`` free voices."""
    f32, i64 = np.float32, np.int64

    def flat() -> NDArray[np.float32]:
        return np.zeros(n, f32)

    return Voices(
        stage=np.zeros(n, np.int8), key=np.zeros(n, np.int32), channel=np.zeros(n, np.int32), bend=np.zeros(n),
        velocity=flat(), velocity_db=flat(), lane=np.zeros(n, np.int32),
        serial=np.zeros(n, i64), start=np.zeros(n, i64), onset_frame=np.zeros(n, i64), side=flat(), unison_side=flat(),
        released=np.zeros(n, i64),
        attack_s=flat(), decay_s=flat(), release_s=flat(), amp_off=flat(),
        position=np.zeros((n, 2)), in_release=np.zeros(n),
        loop_position=np.zeros((n, 2)), turning_point=np.zeros((n, 2)), turns=np.zeros((n, 2), i64),
        path_z=np.zeros((n, latent_size), f32), path_db=flat(), reference=flat(),
        from_z=np.zeros((n, latent_size), f32), from_db=flat(), from_reference=flat(), blend=flat(),
        off_db=flat(), level_db=np.full(n, SILENT_DB, f32),
    )  # fmt: skip


@inlined
def advance_position(voices: Voices, v: int, bank: PackedBank, a: int, b: int, morph: float, frames: float) -> None:
    """Move a voice on by ``frames`` frames of the model, in real time."""
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
        note, chain = (a, 0) if slot == 0 or a == b else (b, 1)  # the same note in both slots moves alike
        end = float(bank.loop_end[note])
        beyond = voices.position[v, slot] - max(before, end)
        if beyond > 0.0:
            part = slice(slot, slot + 1)
            if before <= end:
                voices.loop_position[v, slot] = voices.turning_point[v, slot] = end
            advance_in_loop(voices.loop_position[v, part], voices.turning_point[v, part], voices.turns[v, part],
                            float(bank.loop_start[note]), end, beyond, 2 * voices.serial[v] + chain)  # fmt: skip


@inlined
def read_position(voices: Voices, v: int, bank: PackedBank, note: int, slot: int) -> float:
    """The frame of the note that the voice reads now."""
    if voices.stage[v] == RELEASED:
        return min(bank.release_start[note] + voices.in_release[v], float(bank.length[note] - 1))
    if voices.position[v, slot] <= bank.loop_end[note]:
        return voices.position[v, slot]
    return min(max(voices.loop_position[v, slot], float(bank.loop_start[note])), float(bank.loop_end[note]))


@inlined
def _gain_at(voices: Voices, v: int, bank: PackedBank, note: int, slot: int, position: float) -> float:
    """Gain in dB. In a loop the note's own decay continues; after key-up it is relative to the key-up mark."""
    first = bank.start[note]
    i = int(position)
    j = min(i + 1, bank.length[note] - 1)
    g = bank.gain_db[first + i] + (position - i) * (bank.gain_db[first + j] - bank.gain_db[first + i])
    if voices.stage[v] == RELEASED:
        return g - bank.gain_db[first + bank.release_start[note]]
    return g + bank.slope_db[note] * (voices.position[v, slot] - position)


class PathPoint(NamedTuple):
    """Where a note is read.

    Attributes:
        note: index in the bank. row, next_row: rows of the bank. weight: of the second row.
        beyond: frames of the note's slope to add, because the key is held longer than the recording lasts.
    """

    note: int
    row: int
    next_row: int
    weight: float
    beyond: float


class PathMix(NamedTuple):
    """How two notes are mixed: morph and motion as the parameters, and the weight of the frozen values."""

    morph: float
    motion: float
    blend: float


@inlined
def _point(voices: Voices, v: int, bank: PackedBank, note: int, slot: int, position: float) -> PathPoint:
    """The point of a note at ``position``, in frames from its start."""
    whole = int(position)
    last, end = bank.length[note] - 1, float(bank.loop_end[note])
    held = max(voices.position[v, slot] - end, 0.0)
    most = max(end - float(bank.loop_start[note]), 1.0)  # the latent vector goes no further than in the loop's length
    beyond = most * (1.0 - np.exp(-held / most))
    if held > 0.0 and voices.stage[v] != RELEASED:
        beyond += end - position  # the loop without its own slope
    return PathPoint(
        note, bank.start[note] + whole, bank.start[note] + min(whole + 1, last), position - whole, beyond
    )  # fmt: skip


@internal_fast
def _mix_latents(bank: PackedBank, point_a: PathPoint, point_b: PathPoint, mix: PathMix, frozen: Latents,
                 out: Latents) -> None:  # fmt: skip
    """Write the latent vector of ``read_path`` to ``out``, float32 [latent]."""
    a, next_a, center_a = bank.z[point_a.row], bank.z[point_a.next_row], bank.center_z[point_a.note]
    b, next_b, center_b = bank.z[point_b.row], bank.z[point_b.next_row], bank.center_z[point_b.note]
    wa, wb, m, along, w = _f(point_a.weight), _f(point_b.weight), _f(mix.morph), _f(mix.motion), _f(mix.blend)
    slope_a, beyond_a = bank.slope_z[point_a.note], _f(point_a.beyond)
    slope_b, beyond_b = bank.slope_z[point_b.note], _f(point_b.beyond)
    for d in range(out.shape[0]):
        pa = a[d] + wa * (next_a[d] - a[d]) + beyond_a * slope_a[d]
        pb = b[d] + wb * (next_b[d] - b[d]) + beyond_b * slope_b[d]
        center = center_a[d] + m * (center_b[d] - center_a[d])
        z = center + along * (pa + m * (pb - pa) - center)
        out[d] = z + w * (frozen[d] - z)


@inlined
def read_path(
    voices: Voices, v: int, bank: PackedBank, a: int, b: int, morph: float, motion: float, blend_step: float
) -> None:
    """Set ``path_z``, ``path_db`` and ``reference`` of a voice for its present position.

    ``z = C + motion (P - C)``, where P is the path morphed from slot A to B and C the morphed centre of both. After a
    sudden change (key-up, another slot) the result is blended with the values frozen then, while ``blend`` falls
    from 1 to 0 by ``blend_step`` per frame.
    """
    position_a, position_b = read_position(voices, v, bank, a, 0), read_position(voices, v, bank, b, 1)
    w = voices.blend[v]
    point_a, point_b = _point(voices, v, bank, a, 0, position_a), _point(voices, v, bank, b, 1, position_b)
    _mix_latents(bank, point_a, point_b, PathMix(morph, motion, w), voices.from_z[v], voices.path_z[v])
    ga, gb = _gain_at(voices, v, bank, a, 0, position_a), _gain_at(voices, v, bank, b, 1, position_b)
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
    """Freeze the present values of a voice: the next ones are blended from them."""
    voices.from_z[v, :] = voices.path_z[v, :]
    voices.from_db[v] = voices.path_db[v]
    voices.from_reference[v] = voices.reference[v]
    voices.blend[v] = np.float32(1.0)


@public
def envelope(voices: Voices, v: int, time: int, sustain: float, rate: float) -> float:
    """Return the amplitude (linear) at sample ``time``: linear attack, exponential decay and release.

    The decay covers 99 % of its way in ``decay_s``. The release falls by 60 dB in ``release_s``, from the amplitude
    at key-up. ``rate`` is in Hz.
    """
    if voices.stage[v] == RELEASED:
        since = max(time - voices.released[v], 0) / rate
        return voices.amp_off[v] * 10.0 ** (-3.0 * since / voices.release_s[v])
    elapsed = max(time - voices.start[v], 0) / rate
    return attack_decay(elapsed, voices.attack_s[v], voices.decay_s[v], sustain)
