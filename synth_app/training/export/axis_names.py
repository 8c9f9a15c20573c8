"""Names of latent dimensions, after the sound descriptors that correlate with them."""

import numpy as np
from numpy.typing import NDArray

from synth_app.spectrum import FrameSpec, from_unit

Array = NDArray[np.float32]
MIN_CORRELATION = 0.5
_BASS_HZ, _AIR_HZ = 200.0, 5_000.0
_MIN_POWER = 1e-12
_PARTIALS = 20

# Descriptor: name of a dimension that correlates positively with it, and of one that correlates negatively.
_NAMES: dict[str, tuple[str, str]] = {
    "centroid": ("brightness", "darkness"),
    "flatness": ("noisiness", "purity"),
    "bass": ("bass", "thinness"),
    "air": ("air", "dullness"),
    "odd": ("odd/even", "even/odd"),
    "spread": ("width", "focus"),
    "pitch": ("register", "depth"),
}


def descriptors(unit: Array, pitch: Array, spec: FrameSpec) -> dict[str, Array]:
    """Compute descriptors of scaled frames.

    Centroid and spread are those of librosa, of power and in octaves. All others are base-10 logarithms of ratios of
    powers: flatness of geometric mean and sum, bass and air of the power below 200 Hz and above 5 kHz to all power,
    odd of the odd partials to the even ones at the pitch's fundamental.

    Args:
        unit: frames [n, bins] in [-1, 1].
        pitch: MIDI pitch of each frame [n].
        spec: specification of the frames.

    Returns:
        Values [n] by name.
    """
    db = from_unit(unit, spec.floor_db).astype(np.float64)
    power = np.maximum(10.0 ** (db / 10.0), _MIN_POWER)
    total = power.sum(axis=1)
    hz = np.arange(spec.bins) * spec.sample_rate / spec.n_fft
    octaves = np.log2(np.maximum(hz, hz[1]))
    centroid = power @ octaves / total
    values = {
        "centroid": centroid,
        "spread": np.sqrt(np.maximum(power @ octaves**2 / total - centroid**2, 0.0)),
        "flatness": np.log10(power).mean(axis=1) - np.log10(total),
        "bass": np.log10(power[:, hz < _BASS_HZ].sum(axis=1) / total),
        "odd": _odd_over_even(power, pitch, spec),
        "pitch": pitch,
    }
    if hz[-1] > 1.5 * _AIR_HZ:
        values["air"] = np.log10(power[:, hz > _AIR_HZ].sum(axis=1) / total)
    return {name: value.astype(np.float32) for name, value in values.items()}


def axis_names(z: Array, features: dict[str, Array]) -> tuple[str, ...]:
    """Return unique names of latent dimensions: by the strongest correlations first, ``z<number>`` for the rest.

    Args:
        z: latent vectors [n, latent].
        features: descriptors [n] by name.
    """
    names = [f"z{i + 1}" for i in range(z.shape[1])]
    kinds = list(features)
    columns = np.stack([_standard(features[kind]) for kind in kinds], axis=1)
    r = np.stack([_standard(axis) for axis in z.T]) @ columns / len(z)  # [latent, descriptors]
    open_pairs = np.abs(r)
    while open_pairs.size and open_pairs.max() > MIN_CORRELATION:
        axis, kind = np.unravel_index(int(open_pairs.argmax()), open_pairs.shape)
        names[int(axis)] = _NAMES[kinds[int(kind)]][0 if r[axis, kind] > 0 else 1]
        open_pairs[axis, :] = 0.0
        open_pairs[:, kind] = 0.0
    return tuple(names)


def _standard(values: Array) -> NDArray[np.float64]:
    centred = values.astype(np.float64) - values.mean(dtype=np.float64)
    deviation = centred.std()
    result: NDArray[np.float64] = centred / deviation if deviation > 0 else centred
    return result


def _odd_over_even(power: NDArray[np.float64], pitch: Array, spec: FrameSpec) -> NDArray[np.float64]:
    f0_hz = 440.0 * 2.0 ** ((pitch.astype(np.float64) - 69.0) / 12.0)
    partials = np.arange(1, _PARTIALS + 1)
    bins = np.rint(f0_hz[:, None] * partials * spec.n_fft / spec.sample_rate).astype(int)
    inside = bins < spec.bins
    levels = np.take_along_axis(power, np.minimum(bins, spec.bins - 1), axis=1) * inside + _MIN_POWER
    result: NDArray[np.float64] = np.log10(levels[:, 2::2].sum(axis=1) / levels[:, 1::2].sum(axis=1))
    return result
