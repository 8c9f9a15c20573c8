"""Playing an engine in tests, and measuring its output."""

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.engine import Engine, prepare_instrument, render_events
from synth_app.patch import ENGINE_RATE, Event, Message, Patch


def play(patch: Patch, *events: tuple[float, Message], seconds: float, block: int = 4096) -> NDArray[np.float32]:
    """Render events given as (seconds, message) from a fresh engine."""
    engine = Engine(seed=1)
    engine.install(prepare_instrument(patch.model), patch)
    timed = [Event(round(at * ENGINE_RATE), message) for at, message in events]
    return render_events(engine, timed, round(seconds * ENGINE_RATE), block)


def partial_hz(audio: NDArray[np.float32], near_hz: float) -> float:
    """Frequency of the strongest partial within half a semitone, by log-parabola on a long Blackman spectrum."""
    n = len(audio)
    spectrum = np.abs(np.fft.rfft(audio * np.blackman(n), 4 * n))
    bin_hz = ENGINE_RATE / (4 * n)
    low, high = int(near_hz * 0.972 / bin_hz), int(near_hz * 1.029 / bin_hz)
    i = low + int(np.argmax(spectrum[low:high]))
    a, b, c = np.log(spectrum[i - 1 : i + 2])
    return float((i + 0.5 * (a - c) / (a - 2 * b + c)) * bin_hz)


def cents(hz: float, reference_hz: float) -> float:
    """Interval in cents."""
    return float(1200 * np.log2(hz / reference_hz))


def key_hz(key: float) -> float:
    """Equal temperament, A4 = 440 Hz."""
    return float(440.0 * 2.0 ** ((key - 69) / 12))


def rms_db(audio: NDArray[np.float32]) -> float:
    """Level re full scale."""
    return float(20 * np.log10(np.sqrt(np.mean(np.square(audio, dtype=np.float64))) + 1e-12))


def high_band_db(audio: NDArray[np.float32], above_hz: float = 9000.0, frame: int = 512) -> NDArray[np.float64]:
    """Level per frame of what lies above ``above_hz``: a click is broadband, the test tones are not."""
    frames = audio[: len(audio) // frame * frame].reshape(-1, frame) * np.blackman(frame)
    spectrum = np.abs(np.fft.rfft(frames, axis=1)) / (0.21 * frame)
    band = spectrum[:, int(above_hz / ENGINE_RATE * frame) :]
    return 10 * np.log10(np.sum(band**2, axis=1) + 1e-20)
