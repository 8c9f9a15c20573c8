"""Speed of the engine on this machine: decoding, phase, whole blocks, and the number of voices that fit."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import numpy as np

from synth_app.benchmarks.correction_cost import CorrectionCost, correction_cost
from synth_app.benchmarks.effects_speed import EffectsCost, effects_cost
from synth_app.benchmarks.filter_cost import FilterCost, filter_cost
from synth_app.decoder import Network
from synth_app.decoder.operations import NUMPY
from synth_app.engine.control.expression import Inputs
from synth_app.engine.control.held_keys import Key
from synth_app.engine.decoding.dense_layers import COMPILED
from synth_app.engine.engine import Engine, prepare_instrument, warm_kernels
from synth_app.engine.instrument import Instrument
from synth_app.modelfile import load_model_file, read_card
from synth_app.patch.initial_patch import initial_patch
from synth_app.patch.patch import ENGINE_RATE, MAX_VOICES, NoteOn, Patch
from synth_app.patch.quality import DEFAULT_QUALITY
from synth_app.phase import StereoSum, new_state, phase_tables, reset, sweep_add
from synth_app.support.blas_threads import BlasThreadLimit
from synth_app.support.compiling.target import compile_target

BLOCKS = (128, 512)
VOICES = (1, 8, 16, 32, 64)
_REPEATS = 300


@dataclass(frozen=True)
class BlockTime:
    """Time to render one block, in ms, and its deadline."""

    voices: int
    block: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    deadline_ms: float


@dataclass(frozen=True)
class Figures:
    """The results of ``measure``; times per frame are medians."""

    model: str
    quality: str
    target: str  # the processor that kernels are compiled for; NUMBA_CPU_NAME chooses another one
    decode_us: float
    decode_batch_us: float  # per frame, in batches of 8
    decode_error_db: tuple[float, float]  # RMS and greatest error from rounding the decoder's weights
    phase_us: float
    note_on_us: float
    effects: EffectsCost
    corrections: CorrectionCost
    filter: FilterCost
    blocks: tuple[BlockTime, ...]
    voices_in_half_deadline: dict[str, int]
    voices_in_half_deadline_eco: dict[str, int]  # the quality that an overloaded engine falls back to

    def as_dict(self) -> dict[str, object]:
        """Return plain data for JSON."""
        return asdict(self)

    def as_text(self) -> str:
        """Return a table for a terminal."""
        head = (
            f"{self.model}, quality {self.quality}, compiled for {self.target}\n"
            f"decode {self.decode_us:.0f} us per frame ({self.decode_batch_us:.0f} in batches of 8), "
            f"phase {self.phase_us:.0f} us per frame, starting a note {self.note_on_us:.0f} us; "
            f"rounding of weights {self.decode_error_db[0]:.3f} dB RMS, {self.decode_error_db[1]:.2f} at most\n"
            f"{self.effects.as_text()}\n"
            f"{self.corrections.as_text()}\n"
            f"{self.filter.as_text()}\n"
            f"{'voices':>6} {'block':>6} {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8} {'deadline ms':>12}"
        )
        rows = [
            f"{b.voices:6} {b.block:6} {b.p50_ms:8.3f} {b.p99_ms:8.3f} {b.max_ms:8.3f} {b.deadline_ms:12.3f}"
            for b in self.blocks
        ]
        fits = [
            f"voices whose p99 fits half the deadline, {name}: "
            + ", ".join(f"{count} at {block} frames" for block, count in counts.items())
            for name, counts in (
                (self.quality, self.voices_in_half_deadline),
                ("eco", self.voices_in_half_deadline_eco),
            )
        ]
        return "\n".join([head, *rows, *fits])


def measure(model_path: str, seconds: float, quality: str = DEFAULT_QUALITY) -> Figures:
    """Measure a model; takes about half a minute with ``seconds`` = 2.

    Args:
        model_path: the model file.
        seconds: duration of the audio rendered for each number of voices and block size.
        quality: name of one of ``quality.QUALITIES``.

    Raises:
        UserError: the model cannot be loaded.
    """
    warm_kernels()
    with BlasThreadLimit():
        return _measured(model_path, seconds, quality)


def _measured(model_path: str, seconds: float, quality: str) -> Figures:
    initial = initial_patch(model_path, read_card(model_path))  # as the window plays
    patch, eco = replace(initial, quality=quality), replace(initial, quality="eco")
    blocks = tuple(_time_blocks(patch, v, b, seconds) for b in BLOCKS for v in VOICES)
    decode_us, decode_batch_us = _time_decode(model_path)
    return Figures(
        model=model_path,
        quality=quality,
        target=str(compile_target()),
        decode_us=decode_us,
        decode_batch_us=decode_batch_us,
        decode_error_db=_decode_error_db(model_path),
        phase_us=_time_phase(model_path),
        note_on_us=_time_note_on(patch),
        effects=effects_cost(float(ENGINE_RATE)),
        corrections=correction_cost(patch, seconds),
        filter=filter_cost(patch, seconds),
        blocks=blocks,
        voices_in_half_deadline={str(b): _voices_that_fit(patch, b, seconds) for b in (64, *BLOCKS)},
        voices_in_half_deadline_eco={str(b): _voices_that_fit(eco, b, seconds) for b in (64, *BLOCKS)},
    )


def _playing(patch: Patch, voices: int) -> Engine:
    """Return an engine with ``voices`` held notes over five octaves, most of them transposed."""
    engine = Engine()
    engine.install(prepare_instrument(patch.model, patch.quality), patch)
    for i in range(voices):
        engine.post(NoteOn(36 + i % 61 if voices <= 61 else 30 + i))
    return engine


def _time_blocks(patch: Patch, voices: int, block: int, seconds: float) -> BlockTime:
    engine = _playing(patch, voices)
    out = np.zeros((block, 2), np.float32)
    for _ in range(max(1, ENGINE_RATE // 10 // block)):  # past the onsets
        engine.render(out)
    times = np.array([_seconds(lambda: engine.render(out)) for _ in range(int(seconds * ENGINE_RATE / block))]) * 1e3
    p50, p99 = np.percentile(times, [50, 99])
    return BlockTime(voices, block, float(p50), float(p99), float(times.max()), 1e3 * block / ENGINE_RATE)


def _voices_that_fit(patch: Patch, block: int, seconds: float) -> int:
    """Find the most voices whose p99 is within half the deadline, in steps of MAX_VOICES / 8, by bisection."""
    step = MAX_VOICES // 8
    fits, fails = 0, 9  # eighths
    while fails - fits > 1:
        middle = (fits + fails) // 2
        timed = _time_blocks(patch, middle * step, block, seconds)
        if timed.p99_ms <= timed.deadline_ms / 2:
            fits = middle
        else:
            fails = middle
    return fits * step


def _time_decode(model_path: str) -> tuple[float, float]:
    instrument: Instrument = prepare_instrument(model_path)
    z = np.repeat(instrument.bank.center_z[:1], 8, axis=0)
    pitch = np.arange(60, 68, dtype=np.float32)  # different pitches, like a chord
    return _median_us(lambda: instrument.decode(z[:1], pitch[:1])), _median_us(lambda: instrument.decode(z, pitch)) / 8


def _decode_error_db(model_path: str) -> tuple[float, float]:
    """Compare the engine's frames with numpy's, which uses exact weights, over latent vectors of the whole bank."""
    file = load_model_file(model_path)
    card = file.card
    z = np.concatenate([note.z for note in file.bank])
    z = z[:: max(1, len(z) // _REPEATS)]
    pitch = np.resize(np.arange(48, 73, dtype=np.float32), len(z))
    exact, rounded = (
        Network(card.decoder, file.tensors, card.latent_size, 16, operations, card.key_range)(z, pitch)
        for operations in (NUMPY, COMPILED)
    )
    error_db = 0.5 * abs(card.frame_spec.floor_db) * (rounded - exact)
    return float(np.sqrt(np.mean(error_db**2))), float(np.abs(error_db).max())


def _time_phase(model_path: str) -> float:
    spec = load_model_file(model_path).card.frame_spec
    tables = phase_tables(spec.window, spec.n_fft, spec.n_fft // 8).kernel
    state = new_state(1, spec.bins)
    reset(state, 0, tables, 0)
    rng = np.random.default_rng(0)
    frames = np.exp(rng.standard_normal((16, spec.bins))).astype(np.float32)
    sums = np.zeros((2, 2, spec.bins), np.float32)
    one, count = np.float32(1.0), iter(range(10**9))
    return _median_us(
        lambda: sweep_add(frames[next(count) % 16], state, 0, tables, StereoSum(one, one, sums[0], sums[1]))
    )


def _time_note_on(patch: Patch) -> float:
    """Measure the frames that are made at once when a key goes down."""
    instrument = prepare_instrument(patch.model, patch.quality)
    instrument.begin(patch, 0, Inputs(), faded=False)
    times = []
    for i in range(_REPEATS):
        instrument.note_on(Key(0, 40 + i % 40), 100, 0)
        times.append(_seconds(lambda: instrument.begin_waiting(0)))
        instrument.silence()
    return float(np.median(times) * 1e6)


def _median_us(task: Callable[[], object]) -> float:
    task()
    return float(np.median([_seconds(task) for _ in range(_REPEATS)]) * 1e6)


def _seconds(task: Callable[[], object]) -> float:
    start = time.perf_counter()
    task()
    return time.perf_counter() - start
