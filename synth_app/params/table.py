"""The table of sound parameters. One entry here is all that a new parameter needs.

The engine, the window, presets, MIDI learn, automation and the documentation read this table.
"""

from synth_app.params.note_values import DELAY_NOTE_VALUES
from synth_app.params.registry import ParamRegistry
from synth_app.params.spec import ParamSpec

_SWITCH = ("Off", "On")

PARAMS = ParamRegistry((
    ParamSpec("morph", "Morph", "", 0, 1, 0, "linear", 8, "morph",
              "From the note in slot A (0) to the one in slot B (1), along their latent paths."),
    ParamSpec("motion", "Motion", "", 0, 1, 1, "linear", 8, "morph",
              "How much of the note's own movement plays: 1 is as recorded, 0 holds one point of it."),
    ParamSpec("attack_s", "Attack", "s", 0.001, 5, 0.002, "log", 0, "envelope",
              "Time from key down to full level."),
    ParamSpec("decay_s", "Decay", "s", 0.005, 10, 0.3, "log", 0, "envelope",
              "Time from full level down to the sustain level."),
    ParamSpec("sustain", "Sustain", "", 0, 1, 1, "linear", 20, "envelope",
              "Level while the key is held, as a fraction of full level."),
    ParamSpec("release_s", "Release", "s", 0.02, 10, 0.4, "log", 0, "envelope",
              "Time from key up until the sound has fallen by 60 dB."),
    ParamSpec("tune_cents", "Tune", "cents", -100, 100, 0, "linear", 8, "pitch",
              "Fine tuning of everything played."),
    ParamSpec("bend_range", "Bend", "st", 0, 24, 2, "linear", 0, "pitch",
              "How far the pitch wheel bends, in semitones."),
    ParamSpec("formant", "Formant", "", 0, 1, 0, "linear", 8, "pitch",
              "For transposed notes: 0 keeps the spectral envelope in place, 1 moves it with the pitch."),
    ParamSpec("lock", "Lock", "", 0, 1, 0, "linear", 8, "pitch",
              "Moves partials that are slightly off onto harmonics of the played note; makes low notes pure."),
    ParamSpec("voice_mode", "Mode", "", 0, 2, 0, "steps", 0, "voice",
              "Chords, or one note at a time: Mono restarts with every key, Legato goes on while a key is held.",
              ("Poly", "Mono", "Legato")),
    ParamSpec("glide_s", "Glide", "s", 0, 2, 0, "linear", 0, "voice",
              "Time of the glide from the previous key's pitch to the new one's."),
    ParamSpec("unison", "Unison", "", 1, 8, 1, "steps", 0, "voice",
              "Voices for each key; together they are as loud as one."),
    ParamSpec("detune_cents", "Detune", "cents", 0, 100, 14, "linear", 0, "voice",
              "Interval between the lowest and the highest voice of a unison."),
    ParamSpec("velocity_db", "Velocity", "dB", 0, 40, 18, "linear", 0, "output",
              "Level difference between the softest and the hardest key stroke."),
    ParamSpec("velocity_tilt", "Vel bright", "dB/oct", 0, 6, 1.5, "linear", 20, "output",
              "How much brighter hard key strokes are than soft ones."),
    ParamSpec("velocity_attack", "Vel attack", "", 0, 1, 0, "linear", 0, "output",
              "How much slower the attack of soft key strokes is: up to ten times."),
    ParamSpec("width", "Width", "", 0, 1, 1, "linear", 20, "output",
              "Stereo width of the sound: 0 is mono."),
    ParamSpec("spread", "Spread", "", 0, 1, 0, "linear", 20, "output",
              "How far apart the voices are between left and right."),
    ParamSpec("gain_db", "Output", "dB", -60, 12, 0, "linear", 20, "output",
              "Output level before the limiter."),
    ParamSpec("tempo_bpm", "Tempo", "bpm", 20, 300, 120, "linear", 0, "tempo",
              "Quarter notes per minute, for LFOs and echoes in time; a MIDI clock overrides it."),
    ParamSpec("eq_on", "Tilt EQ", "", 0, 1, 0, "steps", 20, "effects",
              "Balance of high against low frequencies.", _SWITCH),
    ParamSpec("eq_tilt_db", "Tilt", "dB", -12, 12, 0, "linear", 20, "effects",
              "Raises frequencies above the pivot and lowers those below; negative values do the opposite."),
    ParamSpec("eq_pivot_hz", "Tilt pivot", "Hz", 100, 8000, 1000, "log", 20, "effects",
              "Frequency that the tilt does not change.", short="Pivot"),
    ParamSpec("chorus_on", "Chorus", "", 0, 1, 0, "steps", 20, "effects",
              "Adds copies that are slightly out of tune, like several players.", _SWITCH),
    ParamSpec("chorus_rate_hz", "Chorus rate", "Hz", 0.05, 8, 0.6, "log", 50, "effects",
              "How often the delays of the copies swing, in cycles per second.", short="Rate"),
    ParamSpec("chorus_depth_ms", "Chorus depth", "ms", 0, 6, 2, "linear", 50, "effects",
              "How far the delays of the copies swing; a faster rate bends the pitch more.", short="Depth"),
    ParamSpec("chorus_mix", "Chorus mix", "", 0, 1, 0.5, "linear", 20, "effects",
              "Proportion of the copies in the output.", short="Mix"),
    ParamSpec("delay_on", "Delay", "", 0, 1, 0, "steps", 20, "effects",
              "Adds echoes; after switching off, the last ones ring out.", _SWITCH),
    ParamSpec("delay_sync", "Delay sync", "", 0, len(DELAY_NOTE_VALUES), 0, "steps", 0, "effects",
              "Time between echoes: set by the knob (Free), or a note value at the tempo.",
              ("Free", *DELAY_NOTE_VALUES), short="Sync"),
    ParamSpec("delay_time_s", "Delay time", "s", 0.02, 4, 0.375, "log", 0, "effects",
              "Time between echoes when Sync is Free.", short="Time"),
    ParamSpec("delay_feedback", "Delay feedback", "", 0, 0.95, 0.35, "linear", 20, "effects",
              "Level of each echo relative to the one before.", short="Feedback"),
    ParamSpec("delay_damp", "Delay damping", "", 0, 1, 0.3, "linear", 20, "effects",
              "How much duller each echo is than the one before.", short="Damping"),
    ParamSpec("delay_width", "Delay ping-pong", "", 0, 1, 0.5, "linear", 20, "effects",
              "0 repeats each side separately; 1 sends every echo to the other side.", short="Ping-pong"),
    ParamSpec("delay_mix", "Delay mix", "", 0, 1, 0.3, "linear", 20, "effects",
              "Proportion of the echoes in the output.", short="Mix"),
    ParamSpec("reverb_on", "Reverb", "", 0, 1, 0, "steps", 20, "effects",
              "Adds a room; after switching off, it rings out.", _SWITCH),
    ParamSpec("reverb_size", "Reverb size", "", 0, 1, 0.6, "linear", 20, "effects",
              "From a closet to a cathedral; a change bends the pitch of the sound in the room.", short="Size"),
    ParamSpec("reverb_decay_s", "Reverb decay", "s", 0.2, 20, 2, "log", 20, "effects",
              "Time in which the reverb falls by 60 dB, at 1 kHz.", short="Decay"),
    ParamSpec("reverb_damp", "Reverb damping", "", 0, 1, 0.4, "linear", 20, "effects",
              "How much faster high frequencies decay.", short="Damping"),
    ParamSpec("reverb_predelay_s", "Reverb predelay", "s", 0, 0.25, 0.01, "linear", 0, "effects",
              "Time before the reverb starts.", short="Predelay"),
    ParamSpec("reverb_mix", "Reverb mix", "", 0, 1, 0.25, "linear", 20, "effects",
              "Proportion of the reverb in the output.", short="Mix"),
    ParamSpec("limiter_on", "Limiter", "", 0, 1, 0, "steps", 10, "effects",
              "Lowers the level before peaks and delays by 1 ms; switched off, it only prevents clipping.", _SWITCH),
    ParamSpec("limiter_drive_db", "Limiter drive", "dB", 0, 24, 0, "linear", 20, "effects",
              "Gain into the limiter: louder and denser.", short="Drive"),
    ParamSpec("limiter_ceiling_db", "Limiter ceiling", "dB", -24, -0.2, -1, "linear", 20, "effects",
              "Highest level of any sample.", short="Ceiling"),
    ParamSpec("limiter_release_s", "Limiter release", "s", 0.02, 1, 0.15, "log", 20, "effects",
              "Time in which the gain recovers.", short="Release"),
))  # fmt: skip


def param_index(name: str) -> int:
    """Return the position of a parameter in ``PARAMS``. Raises UserError for an unknown name."""
    return PARAMS.index_of(name)


def param(name: str) -> ParamSpec:
    """Return the parameter of that name. Raises UserError for an unknown name."""
    return PARAMS[PARAMS.index_of(name)]


def defaults() -> tuple[float, ...]:
    """Return the default values in the order of ``PARAMS``."""
    return tuple(spec.default for spec in PARAMS)
