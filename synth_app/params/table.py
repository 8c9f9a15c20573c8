"""The table of sound parameters. A new parameter needs one entry here and nothing else.

The engine, the window, presets, MIDI learn, automation and the documentation read this table. The parameters of effects
come from ``synth_app.params.effects``.
"""

from synth_app.params.effects import EFFECTS, EffectSpec
from synth_app.params.filter import FILTER_PARAMS
from synth_app.params.handles import BITE, HANDLES_GROUP, MOVEMENT
from synth_app.params.macros import MACROS
from synth_app.params.registry import ParamRegistry
from synth_app.params.spec import ParamSpec
from synth_app.support.errors import UserError

PARAMS = ParamRegistry((
    ParamSpec("morph", "Morph", "", 0, 1, 0, "linear", 8, "morph",
              "From the note in slot A (0) to the one in slot B (1), along their latent paths."),
    ParamSpec("motion", "Motion", "", 0, 1, 1, "linear", 8, "morph",
              "Amount of the note's recorded movement: 1 plays it as recorded, 0 holds one point of the path."),
    ParamSpec("detail", "Detail", "", 0, 1, 1, "linear", 20, "morph",
              "Amount of the note's correction, which adds what the model misses of the recording: 0 plays the model "
              "alone."),
    ParamSpec("style", "Style", "", 0, 1, 0, "linear", 8, "morph",
              "How much of the texture in slot S the notes take on; pitch, onset and loudness curve stay."),
    ParamSpec("attack_s", "Attack", "s", 0.001, 5, 0.002, "log", 0, "envelope",
              "Time from key down to full level."),
    ParamSpec("decay_s", "Decay", "s", 0.005, 10, 0.3, "log", 0, "envelope",
              "Time from full level down to the sustain level."),
    ParamSpec("sustain", "Sustain", "", 0, 1, 1, "linear", 20, "envelope",
              "Level while the key is held, as a fraction of full level."),
    ParamSpec("release_s", "Release", "s", 0.02, 10, 0.4, "log", 0, "envelope",
              "Time from key up until the sound has fallen by 60 dB."),
    *FILTER_PARAMS,
    ParamSpec("tune_cents", "Tune", "cents", -100, 100, 0, "linear", 8, "pitch",
              "Fine tuning of all notes."),
    ParamSpec("bend_range", "Bend", "st", 0, 24, 2, "linear", 0, "pitch",
              "How far the pitch wheel bends, in semitones."),
    ParamSpec("formant", "Formant", "", 0, 1, 0, "linear", 8, "pitch",
              "For transposed notes: 0 keeps the spectral envelope in place, 1 moves it with the pitch."),
    ParamSpec("lock", "Harmonic lock", "", 0, 1, 0, "linear", 8, "pitch",
              "Moves slightly mistuned partials onto the harmonics of the played note, so that low notes sound pure.",
              short="Harm. lock"),
    ParamSpec("voice_mode", "Mode", "", 0, 2, 0, "steps", 0, "voice",
              "Chords, or one note at a time: Mono restarts with every key, Legato continues while a key is held.",
              ("Poly", "Mono", "Legato")),
    ParamSpec("glide_s", "Glide", "s", 0, 2, 0, "linear", 0, "voice",
              "Time of the glide from the previous key's pitch to the new one's."),
    ParamSpec("unison", "Unison", "", 1, 8, 1, "steps", 0, "voice",
              "Number of voices for each key; together they are as loud as one voice."),
    ParamSpec("detune_cents", "Detune", "cents", 0, 100, 14, "linear", 0, "voice",
              "Interval between the lowest and the highest voice of a unison."),
    ParamSpec("velocity_db", "Velocity", "dB", 0, 40, 18, "linear", 0, "output",
              "Level difference between the softest and the hardest key stroke."),
    ParamSpec("velocity_tilt", "Vel bright", "dB/oct", 0, 6, 1.5, "linear", 20, "output",
              "How much brighter hard key strokes are than soft ones."),
    ParamSpec("velocity_attack", "Vel attack", "", 0, 1, 0, "linear", 0, "output",
              "How much slower the attack of soft key strokes is, up to ten times."),
    ParamSpec("width", "Stereo width", "", 0, 1, 1, "linear", 20, "output",
              "Width of the sound between left and right: 0 is mono.", short="Stereo"),
    ParamSpec("spread", "Spread", "", 0, 1, 0, "linear", 20, "output",
              "How far apart the voices are between left and right."),
    ParamSpec("gain_db", "Output", "dB", -60, 12, 0, "linear", 20, "output",
              "Output level before the limiter."),
    ParamSpec("tempo_bpm", "Tempo", "bpm", 20, 300, 120, "linear", 0, "tempo",
              "Quarter notes per minute, for synchronized LFOs and echoes; a MIDI clock overrides it."),
    ParamSpec(BITE.target, BITE.label, "dB", -24, 24, 0, "linear", 8, HANDLES_GROUP,
              "Added to the level of the attack, which gets brighter by as much; it fades within 0.1 s of the onset."),
    ParamSpec(MOVEMENT.target, MOVEMENT.label, "dB", -24, 12, 0, "linear", 8, HANDLES_GROUP,
              "How much more or less the spectrum moves after the attack than it was recorded; 6 dB is twice as much."),
    *(ParamSpec(name, f"Macro {i + 1}", "", 0, 1, 0, "linear", 20, "macros",
                "Moves everything that the modulation matrix connects it to.", short=f"{i + 1}")
      for i, name in enumerate(MACROS)),
    *(spec for effect in EFFECTS for spec in effect.parameters),
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


def register_effect(effect: EffectSpec) -> None:
    """Append an effect to the chain and its parameters to the table; before the first patch or engine is made.

    After an error, chain and table are as before.

    Raises:
        UserError: a parameter's name is in use, or its range is empty.
    """
    count = len(PARAMS)
    try:
        for spec in effect.parameters:
            PARAMS.add(spec)
    except UserError:
        for spec in reversed(PARAMS[count:]):
            PARAMS.remove_last(spec.name)
        raise
    EFFECTS.append(effect)


def unregister_effect(effect: EffectSpec) -> None:
    """Remove the effect that was registered last, and its parameters.

    After an error, chain and table are as before.

    Raises:
        UserError: the effect is not registered, or other parameters were added after it.
    """
    if effect not in EFFECTS:
        raise UserError("this effect is not registered; only the effect that was registered last can be removed")
    if PARAMS[len(PARAMS) - len(effect.parameters) :] != tuple(effect.parameters):
        raise UserError("other parameters were added after this effect; only the last effect can be removed")
    for spec in reversed(effect.parameters):
        PARAMS.remove_last(spec.name)
    EFFECTS.remove(effect)
