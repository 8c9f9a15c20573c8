"""What every voice plays in the next frame: code, gain, transposition; and which voices have ended (compiled)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.control.controls import BRIGHTNESS, FORMANT, MORPH, MOTION, SPREAD, SUSTAIN, TUNE
from synth_app.engine.spectral.frame_synthesis import VoiceFrames
from synth_app.engine.voices.latent_path import (
    FREE,
    HELD,
    RELEASED,
    Voices,
    advance_position,
    envelope,
    freeze,
    read_path,
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
_USUAL, _ALL_VELOCITIES = 100.0 / 127.0, 126.0 / 127.0  # velocity that changes nothing; softest to hardest


class Timing(NamedTuple):
    """Frames one ``hop`` apart, as numbers: samples, model frames per hop, blend per hop, Hz per bin, Hz.

    ``lowest_key`` and ``highest_key`` bound the MIDI keys that the model decodes at; none if lowest > highest.
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


@inlined
def _morph_gain_db(morph_db: Float64s, morph: float) -> float:
    """Linear interpolation of gains given at even steps of the morph."""
    place = morph * (morph_db.shape[0] - 1)
    i = min(int(place), morph_db.shape[0] - 2)
    return morph_db[i] + (place - i) * (morph_db[i + 1] - morph_db[i])


@inlined
def _decoded_pitch(wanted: float, reference: float, formant: float, timing: Timing) -> float:
    """The pitch of the frame that is decoded; what is missing to the wanted one is transposed.

    A model without pitch input gives the bank note's own. One with it gives the nearest key, exact between keys by a
    transposition of at most half a semitone; the more formants are to move along, the nearer to the note's own pitch.
    """
    if timing.lowest_key > timing.highest_key:
        return reference
    key = np.floor(wanted + formant * (reference - wanted) + 0.5)
    return min(max(key, float(timing.lowest_key)), float(timing.highest_key))


@inlined
def _fill_row(
    voices: Voices, v: int, frames: VoiceFrames, i: int, params: Float64s, offset: Float64s, timing: Timing,
    morph_db: Float64s, by: Float64s,
) -> None:  # fmt: skip
    """Row ``i`` for voice ``v`` from its last read path, modulated ``by``, without the amplitude envelope."""
    frames.row[i] = v
    for d in range(offset.shape[0]):
        frames.z[i, d] = voices.path_z[v, d] + offset[d] + by[LATENT_BY + d]
    morph = bounded(params[MORPH], by[MORPH_BY])
    frames.gain_db[i] = voices.path_db[v] + voices.velocity_db[v] + _morph_gain_db(morph_db, morph) + by[GAIN_BY]
    side = min(max(params[SPREAD] * voices.side[v] + by[PAN_BY], -1.0), 1.0)
    angle = (1.0 + side) * np.pi / 4.0
    frames.left[i], frames.right[i] = np.sqrt(2.0) * np.cos(angle), np.sqrt(2.0) * np.sin(angle)
    frames.tilt[i] = by[TILT_BY] + params[BRIGHTNESS] * (voices.velocity[v] - _USUAL) / _ALL_VELOCITIES
    frames.formant[i] = bounded(params[FORMANT], by[FORMANT_BY])
    wanted = voices.key[v] + voices.bend[v] + 0.01 * params[TUNE]
    # a vibrato must not make the decoder change keys: it is transposed as a whole
    source = _decoded_pitch(wanted, float(voices.reference[v]), params[FORMANT], timing)
    frames.pitch[i] = source
    ratio = timing.pitch_ratio * 2.0 ** ((wanted + by[PITCH_BY] - source) / 12.0)
    frames.ratio[i] = 1.0 if abs(ratio - 1.0) < 1e-5 else ratio
    f0_hz = 440.0 * 2.0 ** ((source - 69.0) / 12.0)
    frames.spacing[i] = f0_hz / (timing.bin_hz * timing.pitch_ratio)


@public
def gather(
    voices: Voices, frames: VoiceFrames, bank: PackedBank, a: int, b: int, lane: int, clock: int, timing: Timing,
    params: Float64s, offset: Float64s, morph_db: Float64s, mods: ModState,
) -> int:  # fmt: skip
    """Move the lane's voices on by one hop and fill a row for each that is audible.

    Args:
        clock: sample at which the frame becomes audible; its centre lies ``timing.center`` later.
        morph_db: float64 [points], gain at even steps of the morph.
        mods: what moves the voices by itself.

    Returns:
        number of rows; inaudible voices are freed.
    """
    n = 0
    center = clock + timing.center
    for v in range(voices.stage.shape[0]):
        if voices.stage[v] == FREE or voices.lane[v] != lane or clock <= voices.onset_frame[v]:
            continue
        moved = min(timing.hop, max(center - voices.start[v], 0)) / timing.hop * timing.frames_per_hop
        modulate(mods, voices, v, center, timing.rate)
        morph = bounded(params[MORPH], mods.value[v, MORPH_BY])
        advance_position(voices, v, bank, a, b, morph, moved)
        read_path(voices, v, bank, a, b, morph, params[MOTION], timing.blend_per_hop)
        _fill_row(voices, v, frames, n, params, offset, timing, morph_db, mods.value[v])
        amplitude = envelope(voices, v, center, params[SUSTAIN], timing.rate)
        frames.gain_db[n] += 20.0 * np.log10(max(amplitude, 1e-10))
        voices.level_db[v] = frames.gain_db[n]
        attacking = voices.stage[v] == HELD and center - voices.start[v] < voices.attack_s[v] * timing.rate
        if frames.gain_db[n] < INAUDIBLE_DB and not attacking:
            voices.stage[v] = FREE
        else:
            n += 1
    return n


@public
def gather_onset(
    voices: Voices, frames: VoiceFrames, bank: PackedBank, a: int, b: int, v: int, row: int, step: int, n: int,
    first: int, clock: int, timing: Timing, params: Float64s, offset: Float64s, morph_db: Float64s, mods: ModState,
) -> None:  # fmt: skip
    """Fill rows ``row``, ``row + step``, ... for the ``n`` frames of a note that begins at ``clock``.

    They start at ``first``, one hop apart; those centred before the note hold its first code. The attack is left out:
    it is applied to the samples.
    """
    sustain = params[SUSTAIN]
    for i in range(n):
        center = first + i * timing.hop + timing.center
        moved = min(timing.hop, max(center - clock, 0)) / timing.hop * timing.frames_per_hop
        modulate(mods, voices, v, center, timing.rate)
        morph = bounded(params[MORPH], mods.value[v, MORPH_BY])
        advance_position(voices, v, bank, a, b, morph, moved)
        read_path(voices, v, bank, a, b, morph, params[MOTION], timing.blend_per_hop)
        _fill_row(voices, v, frames, row, params, offset, timing, morph_db, mods.value[v])
        if center - voices.start[v] >= voices.attack_s[v] * timing.rate:
            amplitude = envelope(voices, v, center, sustain, timing.rate)
            frames.gain_db[row] += 20.0 * np.log10(max(amplitude, 1e-10))
        voices.level_db[v] = frames.gain_db[row]
        row += step


@public
def change_slots(voices: Voices, bank: PackedBank, a: int, b: int) -> None:
    """Other bank notes under sounding voices: blended in, past their attacks where the old ones' were over."""
    for v in range(voices.stage.shape[0]):
        if voices.stage[v] == FREE:
            continue
        freeze(voices, v)
        if voices.stage[v] == RELEASED:
            continue
        voices.position[v, 0] = max(voices.position[v, 0], float(bank.attack_end[a]))
        voices.position[v, 1] = max(voices.position[v, 1], float(bank.attack_end[b]))
