"""Settings of each voice for its next frame: latent vector, gain, transposition; and the end of voices (compiled)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.control.controls import (
    BITE_DB,
    BRIGHTNESS,
    DETAIL,
    FILTER_ON,
    FORMANT,
    MORPH,
    MOTION,
    MOVEMENT_DB,
    SPREAD,
    STYLE,
    SUSTAIN,
    TUNE,
)
from synth_app.engine.spectral.detail import PARTS
from synth_app.engine.spectral.frame_synthesis import VoiceFrames
from synth_app.engine.spectral.voice_filter import MIX
from synth_app.engine.voices.detail_path import DetailPaths, DetailPoint, read_detail
from synth_app.engine.voices.filter_path import read_filter
from synth_app.engine.voices.latent_path import (
    FREE,
    HELD,
    Voices,
    advance_position,
    envelope,
    read_path,
    weigh_parts,
)
from synth_app.engine.voices.modulation_kernel import (
    BITE_BY,
    FORMANT_BY,
    GAIN_BY,
    LATENT_BY,
    MORPH_BY,
    MOVEMENT_BY,
    PAN_BY,
    PITCH_BY,
    STYLE_BY,
    TILT_BY,
    ModState,
    bounded,
    modulate,
)
from synth_app.engine.voices.packed_bank import PackedBank
from synth_app.engine.voices.path_shaping import (
    MAX_BITE_DB,
    NEUTRAL_VELOCITY,
    VELOCITY_RANGE,
    movement_factor,
    onset_weight,
)
from synth_app.engine.voices.style_path import StylePaths, add_style
from synth_app.params.handles import BITE_TILT
from synth_app.support.kernels import inlined, public

Float64s = NDArray[np.float64]

INAUDIBLE_DB = -100.0


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
        bank: the recordings in both slots.
        curves_db: float64 [curves, points], gains at even steps of a morph; the first is 0 everywhere.
        curve: int64 [recordings, recordings], the curve of the morph from one recording to another.
        params: float64 [parameters]. offset: float64 [latent]. offset_db: float64 [1]. All are smoothed.
        mods: the modulation.
        detail: weights of the corrections. detail_rows: int64 [recordings], their rows in use.
        pitched: float64 [recordings], 1 where the recording follows the keys, 0 where it plays as it was recorded.
        style: what the style adds to them.
    """

    bank: PackedBank
    curves_db: Float64s
    curve: NDArray[np.int64]
    params: Float64s
    offset: Float64s
    offset_db: Float64s
    mods: ModState
    detail: DetailPaths
    detail_rows: NDArray[np.int64]
    pitched: Float64s
    style: StylePaths


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
def _gain_at(curves_db: Float64s, curve: int, morph: float) -> float:
    """Interpolate the gains of a curve, which are given at even steps of the morph."""
    position = morph * (curves_db.shape[1] - 1)
    i = min(int(position), curves_db.shape[1] - 2)
    return curves_db[curve, i] + (position - i) * (curves_db[curve, i + 1] - curves_db[curve, i])


@inlined
def _mixing_gain_db(voices: Voices, v: int, inputs: VoiceInputs, morph: float) -> float:
    """The gain that keeps the loudness even: between the two recordings of each slot, and from slot A to slot B.

    From slot to slot the nearer recording of each counts.
    """
    recording, between = voices.recording[v], voices.between[v]
    gain = (1.0 - morph) * _gain_at(inputs.curves_db, inputs.curve[recording[0], recording[1]], between[0])
    gain += morph * _gain_at(inputs.curves_db, inputs.curve[recording[2], recording[3]], between[1])
    near_a, near_b = recording[0 if between[0] < 0.5 else 1], recording[2 if between[1] < 0.5 else 3]
    return gain + _gain_at(inputs.curves_db, inputs.curve[near_a, near_b], morph)


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
def _fill_row(
    voices: Voices, v: int, frames: VoiceFrames, i: int, inputs: VoiceInputs, timing: Timing, onset: float
) -> None:
    """Fill row ``i`` for voice ``v`` from its last path reading and its modulation, without the envelope.

    ``onset`` is the weight of the attack, as ``onset_weight``.
    """
    params, offset, by = inputs.params, inputs.offset, inputs.mods.value[v]
    frames.row[i] = v
    for d in range(offset.shape[0]):
        frames.z[i, d] = voices.path_z[v, d] + offset[d] + by[LATENT_BY + d]
    morph = bounded(params[MORPH], by[MORPH_BY])
    bite_db = onset * min(max(params[BITE_DB] + by[BITE_BY], -MAX_BITE_DB), MAX_BITE_DB)
    level_db = inputs.offset_db[0] + by[GAIN_BY] + bite_db
    frames.gain_db[i] = voices.path_db[v] + voices.velocity_db[v] + _mixing_gain_db(voices, v, inputs, morph) + level_db
    spread = params[SPREAD]
    side = spread * voices.side[v] + (1.0 - spread) * voices.unison_side[v] + by[PAN_BY]
    side = min(max(side, -1.0), 1.0)
    angle = (1.0 + side) * np.pi / 4.0
    frames.left[i], frames.right[i] = np.sqrt(2.0) * np.cos(angle), np.sqrt(2.0) * np.sin(angle)
    frames.tilt[i] = by[TILT_BY] + params[BRIGHTNESS] * (voices.velocity[v] - NEUTRAL_VELOCITY) / VELOCITY_RANGE
    frames.tilt[i] += BITE_TILT * bite_db
    frames.formant[i] = bounded(params[FORMANT], by[FORMANT_BY])
    follows = 0.0
    for part in range(PARTS):
        follows += voices.weight[v, part] * inputs.pitched[voices.recording[v, part]]
    follows = min(follows, 1.0)
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
    bank, params = inputs.bank, inputs.params
    modulate(inputs.mods, voices, v, center, timing.rate)
    weigh_parts(voices, v, bounded(params[MORPH], inputs.mods.value[v, MORPH_BY]))
    advance_position(voices, v, bank, moved / timing.hop * timing.frames_per_hop)
    frames.blend[i] = voices.blend[v]
    onset = onset_weight((center - voices.start[v]) / timing.rate)
    movement = movement_factor(params[MOVEMENT_DB] + inputs.mods.value[v, MOVEMENT_BY])
    along = params[MOTION] * (movement + onset * (1.0 - movement))  # the attack moves as it was recorded
    read_path(voices, v, bank, params[MOTION], along, timing.blend_per_hop)
    add_style(voices, v, bank, inputs.style, bounded(params[STYLE], inputs.mods.value[v, STYLE_BY]), frames.blend[i])
    for part in range(PARTS):
        note, weight = voices.recording[v, part], params[DETAIL] * voices.weight[v, part]
        frames.recording[i, part] = note
        if weight > 0.0 and inputs.detail_rows[note] > 0:
            first = bank.start[note]
            point = DetailPoint(note, first, first + bank.length[note] - 1, voices.frame[v, part])
            read_detail(inputs.detail, point, params[MOTION], weight, voices.velocity[v], frames.detail[i, part])
        else:
            frames.detail[i, part, 0] = np.float32(0.0)
    _fill_row(voices, v, frames, i, inputs, timing, onset)
    if params[FILTER_ON] > 0.0:
        by, least = inputs.mods.value[v], timing.hop // 2
        read_filter(voices, v, params, by, center, least, timing.rate, frames.filter[i])
    else:
        frames.filter[i, MIX] = np.float32(0.0)


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
