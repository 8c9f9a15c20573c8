"""MIDI without devices: translates messages and files into the engine's events."""

from synth_app.midi.clock import ClockFollower
from synth_app.midi.settings import MidiMode, MidiSettings, midi_channel
from synth_app.midi.translator import ControllerMoved, Translator

__all__ = ["ClockFollower", "ControllerMoved", "MidiMode", "MidiSettings", "Translator", "midi_channel"]
