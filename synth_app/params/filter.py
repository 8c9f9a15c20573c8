"""The filter of each voice: its types, its parameters, and the response of every type in closed form. Plain Python.

The prototype is the analog state-variable filter: a loop of two integrators whose low-pass, band-pass and high-pass
outputs exist at the same time, and whose notch is the sum of low-pass and high-pass (Kerwin, Huelsman & Newcomb,
"State-variable synthesis for insensitive integrated circuit transfer functions", IEEE Journal of Solid-State Circuits
2(3), 1967). With s = j f / cutoff and the damping k = 1 / Q,

    low  1 / D    band  s / D    high  s^2 / D    notch  (s^2 + 1) / D    D = s^2 + k s + 1

The band-pass is multiplied by sqrt(2), its damping without resonance, so that it passes its centre at 0 dB there.
Four poles are two such filters in series. Without resonance their dampings are those of a Butterworth filter, so that
low-pass and high-pass are at -3 dB at the cutoff with two poles and with four.

The engine compiles the functions of this module, and the window draws the response with them.
"""

import math

from synth_app.params.spec import ParamSpec

GROUP, ENVELOPE_GROUP = "filter", "filter envelope"  # of the parameters
LOW, BAND, HIGH, NOTCH = range(4)
LOWEST_HZ, HIGHEST_HZ = 10.0, 24_000.0  # ends of the cutoff with its modulation
KEY_CENTER = 60.0  # MIDI; the key at which key tracking changes nothing
CUTOFF_RANGE_HZ = (20.0, 20_000.0)
CUTOFF_OCTAVES = math.log2(CUTOFF_RANGE_HZ[1] / CUTOFF_RANGE_HZ[0])
MAX_RESONANCE_DB = 24.0
_BUTTERWORTH = math.sqrt(2.0)  # damping of two poles
_BUTTERWORTH_FOUR = (2.0 * math.cos(math.pi / 8.0), 2.0 * math.cos(3.0 * math.pi / 8.0))  # of four: first, second

FILTER_PARAMS = (
    ParamSpec("filter_on", "Filter", "", 0, 1, 0, "steps", 20, GROUP,
              "Filters each voice.", ("Off", "On")),
    ParamSpec("filter_type", "Filter type", "", LOW, NOTCH, LOW, "steps", 0, GROUP,
              "What passes: Low is below the cutoff, Band around it, High above it, Notch all but it.",
              ("Low", "Band", "High", "Notch"), short="Type"),
    ParamSpec("filter_poles", "Filter poles", "", 0, 1, 0, "steps", 0, GROUP,
              "How steep the filter is: 2 poles fall by 12 dB per octave, 4 poles by 24; Band by half of it.",
              ("2", "4"), short="Poles"),
    ParamSpec("filter_cutoff_hz", "Cutoff", "Hz", *CUTOFF_RANGE_HZ, 1000, "log", 8, GROUP,
              "Where the filter begins, at middle C and without its envelope."),
    ParamSpec("filter_resonance_db", "Resonance", "dB", 0, MAX_RESONANCE_DB, 0, "linear", 8, GROUP,
              "Raises the level at the cutoff; makes Band and Notch narrower."),
    ParamSpec("filter_key", "Filter key tracking", "", 0, 1, 0, "linear", 8, GROUP,
              "How far the cutoff follows the keys: at 100 % it moves by an octave for each octave.",
              short="Key"),
    ParamSpec("filter_velocity_oct", "Filter velocity", "oct", -6, 6, 0, "linear", 8, GROUP,
              "Distance in octaves of the cutoff between the softest and the hardest key stroke.",
              short="Velocity"),
    ParamSpec("filter_env_oct", "Filter envelope", "oct", -8, 8, 0, "linear", 8, ENVELOPE_GROUP,
              "How far the filter's envelope moves the cutoff at its top, in octaves.", short="Amount"),
    ParamSpec("filter_attack_s", "Filter attack", "s", 0.001, 20, 0.002, "log", 8, ENVELOPE_GROUP,
              "Time from key down to the top of the filter's envelope.", short="Attack"),
    ParamSpec("filter_decay_s", "Filter decay", "s", 0.005, 20, 0.5, "log", 8, ENVELOPE_GROUP,
              "Time from the top of the filter's envelope down to its sustain level.", short="Decay"),
    ParamSpec("filter_sustain", "Filter sustain", "", 0, 1, 0, "linear", 8, ENVELOPE_GROUP,
              "Level of the filter's envelope while the key is held.", short="Sustain"),
    ParamSpec("filter_release_s", "Filter release", "s", 0.005, 20, 0.5, "log", 8, ENVELOPE_GROUP,
              "Time from key up until the filter's envelope has ended.", short="Release"),
)  # fmt: skip


def dampings(kind: int, four_poles: bool, resonance_db: float) -> tuple[float, float]:
    """Return the dampings k of the two filters in series; the second is used with four poles only.

    Resonance divides the damping of one filter, so that it raises the level at the cutoff by as much. A notch has no
    level there: both its filters get narrower.

    Args:
        kind: ``LOW``, ``BAND``, ``HIGH`` or ``NOTCH``.
        four_poles: whether there are two filters.
        resonance_db: 0 to ``MAX_RESONANCE_DB``.
    """
    resonance = 10.0 ** (resonance_db / 20.0)
    if kind == NOTCH:
        return _BUTTERWORTH / resonance, _BUTTERWORTH / resonance
    if not four_poles:
        return _BUTTERWORTH / resonance, _BUTTERWORTH
    if kind == BAND:
        return _BUTTERWORTH, _BUTTERWORTH / resonance
    return _BUTTERWORTH_FOUR[0], _BUTTERWORTH_FOUR[1] / resonance


def power_terms(kind: int, damping: float) -> tuple[float, float, float, float]:
    """Return a, b, c, d of one filter's power response (a + b u + c u^2) / (1 + d u + u^2), u = (f / cutoff)^2.

    Args:
        kind: ``LOW``, ``BAND``, ``HIGH`` or ``NOTCH``.
        damping: k > 0.
    """
    d = damping * damping - 2.0  # |D|^2 = (1 - u)^2 + k^2 u
    if kind == LOW:
        return 1.0, 0.0, 0.0, d
    if kind == BAND:
        return 0.0, _BUTTERWORTH * _BUTTERWORTH, 0.0, d
    if kind == HIGH:
        return 0.0, 0.0, 1.0, d
    return 1.0, -2.0, 1.0, d
