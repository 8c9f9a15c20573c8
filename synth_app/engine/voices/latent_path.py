"""The position of a voice on its latent path, and the latent vector and gain there (compiled).

A voice mixes up to four recordings: the nearest two of the sounds in slot A and in slot B. A note has three parts.
Attack: the attacks of all recordings are stretched to a common length, so that a morph stays aligned.
Sustain: the path is read to its end, then back and forth in its last part while the key is held; gain and latent vector
continue along the slopes that the recording had. Release: the path is read from the key-up mark on, and continues at
the level that was reached.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.control.envelope import attack_decay
from synth_app.engine.spectral.detail import PARTS
from synth_app.engine.voices.packed_bank import PackedBank
from synth_app.engine.voices.sustain_loop import advance_in_loop
from synth_app.support.kernels import inlined, internal, internal_fast, public

Latents = NDArray[np.float32]
_f = np.float32

FREE, HELD, RELEASED = 0, 1, 2
SILENT_DB = np.float32(-200.0)
_SECOND = 1 << 32  # seeds of a slot's second recording, apart from those of the first ones


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
        recording: int64 [v, PARTS], rows of the bank that the voice mixes: two in slot A, two in slot B.
        between: float64 [v, 2], position between the two recordings of slot A, B; 0 to 1.
        weight: float64 [v, PARTS], share of each recording; of equal ones the first has all, the others 0.
        position: float64 [v, PARTS], frames since the onset, loops included; in_release: float64 [v], frames since
            key-up. frame: float64 [v, PARTS], frame of the recording that was read last.
        loop_position, turning_point: float64 [v, PARTS], frame read in the sustain, and where its direction changes;
            turns: int64 [v, PARTS], changes so far.
        begun: int8 [v], 1 as soon as the path was read.
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
    recording: NDArray[np.int64]
    between: NDArray[np.float64]
    weight: NDArray[np.float64]
    position: NDArray[np.float64]
    in_release: NDArray[np.float64]
    frame: NDArray[np.float64]
    loop_position: NDArray[np.float64]
    turning_point: NDArray[np.float64]
    turns: NDArray[np.int64]
    begun: NDArray[np.int8]
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
        recording=np.zeros((n, PARTS), i64), between=np.zeros((n, 2)), weight=np.zeros((n, PARTS)),
        position=np.zeros((n, PARTS)), in_release=np.zeros(n), frame=np.zeros((n, PARTS)),
        loop_position=np.zeros((n, PARTS)), turning_point=np.zeros((n, PARTS)), turns=np.zeros((n, PARTS), i64),
        begun=np.zeros(n, np.int8),
        path_z=np.zeros((n, latent_size), f32), path_db=flat(), reference=flat(),
        from_z=np.zeros((n, latent_size), f32), from_db=flat(), from_reference=flat(), blend=flat(),
        off_db=flat(), level_db=np.full(n, SILENT_DB, f32),
    )  # fmt: skip


@inlined
def weigh_parts(voices: Voices, v: int, morph: float) -> None:
    """Set the weights of a voice's recordings for a morph, 0-1, from slot A to slot B."""
    weight, recording = voices.weight[v], voices.recording[v]
    for slot in range(2):
        of_slot = morph if slot else 1.0 - morph
        weight[2 * slot], weight[2 * slot + 1] = (
            of_slot * (1.0 - voices.between[v, slot]), of_slot * voices.between[v, slot]
        )  # fmt: skip
    for part in range(1, PARTS):
        twin = _twin(recording, part)
        if twin < part:
            weight[twin] += weight[part]
            weight[part] = 0.0


@internal
def _twin(recording: NDArray[np.int64], part: int) -> int:
    """Return the first part with the same recording; ``part`` itself if there is none before it."""
    for i in range(part):
        if recording[i] == recording[part]:
            return i
    return part


@inlined
def advance_position(voices: Voices, v: int, bank: PackedBank, frames: float) -> None:
    """Move a voice on by ``frames`` frames of the model, in real time."""
    if voices.stage[v] == RELEASED:
        voices.in_release[v] += frames
        return
    common = 0.0
    for part in range(PARTS):
        common += voices.weight[v, part] * float(bank.attack_end[voices.recording[v, part]])
    for part in range(PARTS):
        twin = _twin(voices.recording[v], part)
        if twin < part:  # the same recording moves alike
            _copy_position(voices, v, twin, part)
            continue
        note, before = voices.recording[v, part], voices.position[v, part]
        attack = float(bank.attack_end[note])
        if before < attack and common > 0.0:
            voices.position[v, part] += frames * attack / common
        else:
            voices.position[v, part] += frames
        end = float(bank.loop_end[note])
        beyond = voices.position[v, part] - max(before, end)
        if beyond > 0.0:
            here = slice(part, part + 1)
            if before <= end:
                voices.loop_position[v, part] = voices.turning_point[v, part] = end
            seed = 2 * voices.serial[v] + part // 2 + part % 2 * _SECOND
            advance_in_loop(voices.loop_position[v, here], voices.turning_point[v, here], voices.turns[v, here],
                            float(bank.loop_start[note]), end, beyond, seed)  # fmt: skip


@inlined
def _copy_position(voices: Voices, v: int, source: int, part: int) -> None:
    voices.position[v, part], voices.turns[v, part] = voices.position[v, source], voices.turns[v, source]
    voices.loop_position[v, part] = voices.loop_position[v, source]
    voices.turning_point[v, part] = voices.turning_point[v, source]


@inlined
def _read_position(voices: Voices, v: int, bank: PackedBank, part: int) -> float:
    """The frame of a part's recording that the voice reads now."""
    note = voices.recording[v, part]
    if voices.stage[v] == RELEASED:
        return min(bank.release_start[note] + voices.in_release[v], float(bank.length[note] - 1))
    if voices.position[v, part] <= bank.loop_end[note]:
        return voices.position[v, part]
    return min(max(voices.loop_position[v, part], float(bank.loop_start[note])), float(bank.loop_end[note]))


@inlined
def _gain_at(voices: Voices, v: int, bank: PackedBank, part: int) -> float:
    """Gain in dB. In a loop the note's own decay continues; after key-up it is relative to the key-up mark."""
    note, position = voices.recording[v, part], voices.frame[v, part]
    first = bank.start[note]
    i = int(position)
    j = min(i + 1, bank.length[note] - 1)
    g = bank.gain_db[first + i] + (position - i) * (bank.gain_db[first + j] - bank.gain_db[first + i])
    if voices.stage[v] == RELEASED:
        return g - bank.gain_db[first + bank.release_start[note]]
    return g + bank.slope_db[note] * (voices.position[v, part] - position)


class PathPoint(NamedTuple):
    """Where a recording is read.

    Attributes:
        note: index in the bank. row, next_row: rows of the bank. fraction: of the way to the second row.
        beyond: frames of the note's slope to add, because the key is held longer than the recording lasts.
    """

    note: int
    row: int
    next_row: int
    fraction: float
    beyond: float


@inlined
def _point(voices: Voices, v: int, bank: PackedBank, part: int) -> PathPoint:
    """The point of a part's recording at ``Voices.frame``."""
    note, position = voices.recording[v, part], voices.frame[v, part]
    whole = int(position)
    last, end = bank.length[note] - 1, float(bank.loop_end[note])
    held = max(voices.position[v, part] - end, 0.0)
    most = max(end - float(bank.loop_start[note]), 1.0)  # the latent vector goes no further than in the loop's length
    beyond = most * (1.0 - np.exp(-held / most))
    if held > 0.0 and voices.stage[v] != RELEASED:
        beyond += end - position  # the loop without its own slope
    return PathPoint(
        note, bank.start[note] + whole, bank.start[note] + min(whole + 1, last), position - whole, beyond
    )  # fmt: skip


@internal_fast
def _add_latents(bank: PackedBank, point: PathPoint, weight: float, motion: float, out: Latents) -> None:
    """Add ``weight`` times a recording's latent vector, drawn towards its centre by ``motion``, to ``out`` [latent]."""
    here, there, center = bank.z[point.row], bank.z[point.next_row], bank.center_z[point.note]
    slope = bank.slope_z[point.note]
    w, along, fraction, beyond = _f(weight), _f(motion), _f(point.fraction), _f(point.beyond)
    for d in range(out.shape[0]):
        z = here[d] + fraction * (there[d] - here[d]) + beyond * slope[d]
        out[d] += w * (center[d] + along * (z - center[d]))


@inlined
def read_path(voices: Voices, v: int, bank: PackedBank, motion: float, along: float, blend_step: float) -> None:
    """Set ``path_z``, ``path_db`` and ``reference`` of a voice for its present position and weights.

    ``z = C + along (P - C)``, where P is the path mixed of all parts and C the mixed centre; the gain moves so by
    ``motion``. After a sudden change (key-up, other notes) the result is blended with the values frozen then, while
    ``blend`` falls from 1 to 0 by ``blend_step`` per frame.
    """
    path_z, w = voices.path_z[v], voices.blend[v]
    path_z[:] = _f(0.0)
    gain = center_db = reference = 0.0
    for part in range(PARTS):
        weight, note = voices.weight[v, part], voices.recording[v, part]
        if weight == 0.0:
            continue
        voices.frame[v, part] = _read_position(voices, v, bank, part)
        _add_latents(bank, _point(voices, v, bank, part), weight, along, path_z)
        gain += weight * _gain_at(voices, v, bank, part)
        center_db += weight * bank.center_db[note]
        reference += weight * bank.pitch[note]
    for d in range(path_z.shape[0]):
        path_z[d] += w * (voices.from_z[v, d] - path_z[d])
    if voices.stage[v] == RELEASED:
        voices.path_db[v] = voices.off_db[v] + motion * gain
    else:
        gain = center_db + motion * (gain - center_db)
        voices.path_db[v] = gain + w * (voices.from_db[v] - gain)
    voices.reference[v] = reference + w * (voices.from_reference[v] - reference)
    voices.blend[v] = max(w - np.float32(blend_step), np.float32(0.0))
    voices.begun[v] = 1


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
