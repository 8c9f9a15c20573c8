"""Settings of each voice for its next frame: latent vector, gain, transposition; and the end of voices (compiled)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.control.controls import BRIGHTNESS, DETAIL, FORMANT, MORPH, MOTION, SPREAD, SUSTAIN, TUNE
from synth_app.engine.spectral.frame_synthesis import VoiceFrames
from synth_app.engine.voices.detail_path import DetailPaths, read_detail
from synth_app.engine.voices.latent_path import (
    FREE,
    HELD,
    RELEASED,
    Voices,
    advance_position,
    envelope,
    freeze,
    read_path,
    read_position,
)
from synth_app.engine.voices.modulation_kernel import (
    FORMANT_BY,
    GAIN_BY,
    LATENT_BY,
    MORPH_BY,
    PAN_BY,
    PITCH_BY,
    TILT_BY,
    ModState,
    bounded,
    modulate,
)
from synth_app.engine.voices.packed_bank import PackedBank
from synth_app.support.kernels import inlined, public

Float64s = NDArray[np.float64]

INAUDIBLE_DB = -100.0
_NEUTRAL_VELOCITY = 100.0 / 127.0  # changes nothing
_VELOCITY_RANGE = 126.0 / 127.0  # from the softest to the hardest


class Timing(NamedTuple):
    """Frames one ``hop`` apart.

    Attributes:
        hop: samples between frames. center: samples from the start of a frame to its centre.
        frames_per_hop: frames of the model per hop. blend_per_hop: how much ``Voices.blend`` falls per hop.
        bin_hz: distance of bins, Hz. pitch_ratio: as in ``FrameLayout``. rate: Hz.
        lowest_key, highest_key: MIDI keys that the model decodes at; no key if lowest > highest.
    """

    hop: int
    center: int
    frames_per_hop: float
    blend_per_hop: float
    bin_hz: float
    pitch_ratio: float
    rate: float
    lowest_key: int
    highest_key: int


class VoiceInputs(NamedTuple):
    """What all voices of an instrument read.

    Attributes:
        bank: the notes. slot_a, slot_b: indices in the bank.
        morph_db: float64 [points], gain at even steps of the morph.
        params: float64 [parameters]. offset: float64 [latent]. offset_db: float64 [1]. All are smoothed.
        mods: the modulation.
        detail: weights of the corrections. detail_rows: int64 [2], their rows in use in slot A and B.
        pitched: float64 [2], 1 where the note of slot A, B follows the keys, 0 where it plays as it was recorded.
    """

    bank: PackedBank
    slot_a: int
    slot_b: int
    morph_db: Float64s
    params: Float64s
    offset: Float64s
    offset_db: Float64s
    mods: ModState
    detail: DetailPaths
    detail_rows: NDArray[np.int64]
    pitched: Float64s


class Onset(NamedTuple):
    """The frames of a note that begins between frames.

    Attributes:
        v: the voice. clock: sample of its onset.
        first: sample of the first frame. n_frames: number of frames, one hop apart.
        row: row of the first frame. row_step: rows from one frame to the next.
    """

    v: int
    clock: int
    first: int
    n_frames: int
    row: int
    row_step: int


@inlined
def _morph_gain_db(morph_db: Float64s, morph: float) -> float:
    """Interpolate gains that are given at even steps of the morph."""
    position = morph * (morph_db.shape[0] - 1)
    i = min(int(position), morph_db.shape[0] - 2)
    return morph_db[i] + (position - i) * (morph_db[i + 1] - morph_db[i])


@inlined
def _decoded_pitch(wanted: float, reference: float, formant: float, timing: Timing) -> float:
    """Return the pitch (MIDI) to decode the frame at; the rest of the way to ``wanted`` is transposed.

    A model without pitch input decodes at ``reference``, the pitch of the bank note. A pitch-conditioned model decodes
    at the nearest key, so that the transposition is at most half a semitone; with ``formant`` above 0, nearer to
    ``reference``, because then formants move along.
    """
    if timing.lowest_key > timing.highest_key:
        return reference
    key = np.floor(wanted + formant * (reference - wanted) + 0.5)
    return min(max(key, float(timing.lowest_key)), float(timing.highest_key))


@inlined
def _fill_row(voices: Voices, v: int, frames: VoiceFrames, i: int, inputs: VoiceInputs, timing: Timing) -> None:
    """Fill row ``i`` for voice ``v`` from its last path reading and its modulation, without the envelope."""
    params, offset, by = inputs.params, inputs.offset, inputs.mods.value[v]
    frames.row[i] = v
    for d in range(offset.shape[0]):
        frames.z[i, d] = voices.path_z[v, d] + offset[d] + by[LATENT_BY + d]
    morph = bounded(params[MORPH], by[MORPH_BY])
    level_db = inputs.offset_db[0] + by[GAIN_BY]
    frames.gain_db[i] = voices.path_db[v] + voices.velocity_db[v] + _morph_gain_db(inputs.morph_db, morph) + level_db
    spread = params[SPREAD]
    side = spread * voices.side[v] + (1.0 - spread) * voices.unison_side[v] + by[PAN_BY]
    side = min(max(side, -1.0), 1.0)
    angle = (1.0 + side) * np.pi / 4.0
    frames.left[i], frames.right[i] = np.sqrt(2.0) * np.cos(angle), np.sqrt(2.0) * np.sin(angle)
    frames.tilt[i] = by[TILT_BY] + params[BRIGHTNESS] * (voices.velocity[v] - _NEUTRAL_VELOCITY) / _VELOCITY_RANGE
    frames.formant[i] = bounded(params[FORMANT], by[FORMANT_BY])
    follows = inputs.pitched[0] + morph * (inputs.pitched[1] - inputs.pitched[0])
    key = voices.reference[v] + follows * (voices.key[v] - voices.reference[v])
    wanted = key + voices.bend[v] + 0.01 * params[TUNE]
    # a vibrato must not make the decoder change keys, so pitch modulation is only transposed
    source = _decoded_pitch(wanted, float(voices.reference[v]), params[FORMANT], timing)
    frames.pitch[i] = source
    ratio = timing.pitch_ratio * 2.0 ** ((wanted + by[PITCH_BY] - source) / 12.0)
    frames.ratio[i] = 1.0 if abs(ratio - 1.0) < 1e-5 else ratio
    f0_hz = 440.0 * 2.0 ** ((source - 69.0) / 12.0)
    frames.spacing[i] = f0_hz / (timing.bin_hz * timing.pitch_ratio)
    frames.follows[i] = follows


@inlined
def _advance(
    voices: Voices, v: int, frames: VoiceFrames, i: int, inputs: VoiceInputs, timing: Timing, center: int, moved: int
) -> None:
    """Move voice ``v`` on by ``moved`` samples and fill row ``i`` for a frame centred at sample ``center``."""
    bank, a, b, params = inputs.bank, inputs.slot_a, inputs.slot_b, inputs.params
    modulate(inputs.mods, voices, v, center, timing.rate)
    morph = bounded(params[MORPH], inputs.mods.value[v, MORPH_BY])
    advance_position(voices, v, bank, a, b, morph, moved / timing.hop * timing.frames_per_hop)
    frames.blend[i] = voices.blend[v]
    read_path(voices, v, bank, a, b, morph, params[MOTION], timing.blend_per_hop)
    for slot in range(2):
        note, weight = (a, 1.0 - morph) if slot == 0 else (b, morph)
        position = read_position(voices, v, bank, note, slot)
        if inputs.detail_rows[slot] > 0:
            read_detail(inputs.detail, slot, position, params[MOTION], params[DETAIL] * weight, voices.velocity[v],
                        frames.detail[i, slot])  # fmt: skip
    _fill_row(voices, v, frames, i, inputs, timing)


@public
def gather(voices: Voices, frames: VoiceFrames, inputs: VoiceInputs, lane: int, clock: int, timing: Timing) -> int:
    """Move a lane's voices on by one hop and fill a row for each audible one; free the inaudible ones.

    Args:
        voices, frames, inputs: of the instrument.
        lane: index, 0 to ``LANES`` - 1.
        clock: sample at which the frame becomes audible; its centre lies ``timing.center`` later.
        timing: of this hop.

    Returns:
        number of rows.
    """
    n = np.int64(0)  # a plain 0 is a literal type, for which the compiler would compile every callee once more
    center = clock + timing.center
    for v in range(voices.stage.shape[0]):
        if voices.stage[v] == FREE or voices.lane[v] != lane or clock <= voices.onset_frame[v]:
            continue
        _advance(voices, v, frames, n, inputs, timing, center, min(timing.hop, max(center - voices.start[v], 0)))
        amplitude = envelope(voices, v, center, inputs.params[SUSTAIN], timing.rate)
        frames.gain_db[n] += 20.0 * np.log10(max(amplitude, 1e-10))
        voices.level_db[v] = frames.gain_db[n]
        attacking = voices.stage[v] == HELD and center - voices.start[v] < voices.attack_s[v] * timing.rate
        if frames.gain_db[n] < INAUDIBLE_DB and not attacking:
            voices.stage[v] = FREE
        else:
            n += 1
    return int(n)


@public
def gather_onset(voices: Voices, frames: VoiceFrames, inputs: VoiceInputs, onset: Onset, timing: Timing) -> None:
    """Fill the rows of a note that begins between frames.

    Frames centred before the onset hold the note's first latent vector. The attack is left out: it is applied to the
    samples.
    """
    v, row = onset.v, onset.row
    for i in range(onset.n_frames):
        center = onset.first + i * timing.hop + timing.center
        _advance(voices, v, frames, row, inputs, timing, center, min(timing.hop, max(center - onset.clock, 0)))
        if center - voices.start[v] >= voices.attack_s[v] * timing.rate:
            amplitude = envelope(voices, v, center, inputs.params[SUSTAIN], timing.rate)
            frames.gain_db[row] += 20.0 * np.log10(max(amplitude, 1e-10))
        voices.level_db[v] = frames.gain_db[row]
        row += onset.row_step


@public
def change_slots(voices: Voices, bank: PackedBank, a: int, b: int) -> None:
    """Change the bank notes of sounding voices: blend them in, past their attacks where the old attacks were over."""
    for v in range(voices.stage.shape[0]):
        if voices.stage[v] == FREE:
            continue
        freeze(voices, v)
        if voices.stage[v] == RELEASED:
            continue
        voices.position[v, 0] = max(voices.position[v, 0], float(bank.attack_end[a]))
        voices.position[v, 1] = max(voices.position[v, 1], float(bank.attack_end[b]))
