"""Room acoustics of an impulse response; ``python -m tests.effects.measures`` prints those of the reverb."""

import math

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from tests.effects.helpers import RATE, impulse, through

OCTAVES_HZ = (200, 400, 800, 1600, 3200)


def decay_s(answer: NDArray[np.float64], hz: float, low_db: float = -5.0, high_db: float = -35.0) -> float:
    """Return T60 of an octave about ``hz``: Schroeder integration, a line from -5 to -35 dB (ISO 3382: T30)."""
    band = scipy.signal.butter(4, (hz / math.sqrt(2), hz * math.sqrt(2)), "band", fs=RATE, output="sos")
    energy = np.cumsum(scipy.signal.sosfilt(band, answer)[::-1] ** 2)[::-1]
    level = 10 * np.log10(energy / energy[0] + 1e-20)
    part = (level < low_db) & (level > high_db)
    slope = np.polyfit(np.flatnonzero(part) / RATE, level[part], 1)[0]
    return float(-60.0 / slope)


def echo_density(answer: NDArray[np.float64], at_s: float, window_s: float = 0.02) -> float:
    """Return the fraction of samples beyond one standard deviation; Gaussian noise: 1 (Abel & Huang, AES 121, 2006)."""
    part = answer[round((at_s - window_s / 2) * RATE) : round((at_s + window_s / 2) * RATE)]
    return float(np.mean(np.abs(part) > part.std()) / math.erfc(1 / math.sqrt(2)))


def octave_flatness(answer: NDArray[np.floating], seconds: float) -> list[float]:
    """Return the spectral flatness in octaves of the second and third quarter of ``seconds``, its decay removed.

    exp(-Euler's gamma) = 0.561 is that of noise; ringing modes lower it.
    """
    quarter = round(seconds * RATE / 4)
    late = answer[quarter : 3 * quarter] * 10 ** (3 * np.arange(2 * quarter) / RATE / seconds)
    power = np.abs(np.fft.rfft(late * np.hanning(len(late)))) ** 2
    hz = np.fft.rfftfreq(len(late), 1 / RATE)
    bands = [power[(hz >= low) & (hz < 2 * low)] for low in OCTAVES_HZ]
    return [float(np.exp(np.mean(np.log(band))) / np.mean(band)) for band in bands]


def main() -> None:
    """Print a table over decay, size and damping."""
    print("knob s  size  damp | T60 s at 250 Hz  1 kHz  4 kHz | echo density at 50, 100, 200 ms | flatness from 200 Hz")
    for seconds, size, damp in ((0.5, 0.2, 0.4), (1.0, 0.4, 0.4), (2.0, 0.6, 0.4), (2.0, 0.6, 1.0), (4.0, 1.0, 0.4)):
        wet = {"reverb_on": 1.0, "reverb_mix": 1.0, "reverb_predelay_s": 0.0, "reverb_decay_s": seconds,
               "reverb_size": size, "reverb_damp": damp}  # fmt: skip
        answer = through(impulse(seconds + 0.5), **wet)[:, 0].astype(np.float64)
        decays = "  ".join(f"{decay_s(answer, hz):5.2f}" for hz in (250.0, 1000.0, 4000.0))
        density = " ".join(f"{echo_density(answer, at):.2f}" for at in (0.05, 0.1, 0.2))
        flat = through(impulse(seconds), **wet | {"reverb_damp": 0.0})[:, 0]
        flatness = " ".join(f"{each:.2f}" for each in octave_flatness(flat, seconds))
        print(f"{seconds:6.1f} {size:5.1f} {damp:5.1f} | {decays} | {density} | {flatness}")


if __name__ == "__main__":
    main()
