"""The table of commands. A command's module is imported when the command is called, so the help appears at once."""

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from synth_app.cli.help import PlainCommand


@dataclass(frozen=True)
class CommandEntry:
    """One command, or one group of commands.

    Attributes:
        name: as typed.
        target: "module:function", the module in ``synth_app.cli``; for a group "module:app".
        help: its line in the list of commands.
    """

    name: str
    target: str
    help: str


# In the order of the help.
COMMANDS = (
    CommandEntry("demo", "play:demo", "Play a scripted demo without a screen."),
    CommandEntry("render", "play:render", "Render a note or a MIDI file to an audio file."),
    CommandEntry("encode", "play:encode", "Encode audio to latent vectors."),
    CommandEntry("resynth", "play:resynth", "Encode and decode audio; write the result."),
    CommandEntry("style", "style:style", "Play a note with the texture of another sound."),
    CommandEntry("info", "info:info", "Tell how an audio file was made."),
    CommandEntry("models", "inspect:models", "List the models."),
    CommandEntry("describe", "inspect:describe", "Describe a model's latent dimensions."),
    CommandEntry("devices", "inspect:devices", "List the audio outputs."),
    CommandEntry("paths", "folders:paths", "Show where presets, sounds, models and caches are."),
    CommandEntry("clean", "folders:clean", "Remove compiled kernels and other caches."),
    CommandEntry("presets", "presets:app", "List, exchange and audition presets."),
    CommandEntry("sounds", "sounds:app", "Make instruments of your own recordings."),
    CommandEntry("find", "own.find:find", "Find notes, sounds and presets like a recording."),
    CommandEntry("pack", "own.pack:app", "Share models, sounds and presets as one file."),
    CommandEntry("dataset", "data:app", "Make and check data sets of notes."),
    CommandEntry("train", "train:train", "Train a model."),
    CommandEntry("train-folder", "own.train_folder:train_folder", "Train a model on a folder of your recordings."),
    CommandEntry("abx", "own.abx:abx", "Compare two models by ear, blind."),
    CommandEntry("score", "train:score", "Measure a model's error on a folder of notes."),
    CommandEntry("grid", "train:grid", "Train every family at every latent size."),
    CommandEntry("adopt", "train:adopt", "Turn trained cells of a grid into models to play."),
    CommandEntry("correct", "train:correct", "Fit what a model misses of its bank notes."),
    CommandEntry("evaluate", "study:evaluate", "Repeat the reference study and write its page."),
    CommandEntry("report", "study:report", "Write a study's page again from its results."),
    CommandEntry("ablation", "study:ablation", "Compare training settings on out-of-domain notes."),
    CommandEntry("bench", "measure:bench", "Measure speed, latency and dropouts on this machine."),
    CommandEntry("phase-report", "inspect:phase_report", "Compare phase methods on recorded notes."),
    CommandEntry("pitch-report", "study:pitch_report", "Measure notes at their own key and at another."),
    CommandEntry("fidelity-report", "reports:fidelity_report", "Compare played notes with a SoundFont's recordings."),
    CommandEntry("sound-report", "reports:sound_report", "Compare dropped recordings with real notes at other keys."),
    CommandEntry("find-report", "own.find:find_report", "Measure how often an instrument is found at another key."),
    CommandEntry("motion-report", "reports:motion_report", "Measure vibrato, repetition and purity of held notes."),
    CommandEntry("style-report", "style:style_report", "Measure how styles change notes, beside baselines."),
    CommandEntry("handles", "reports:handles", "Measure what a model's handles reach on other notes."),
    CommandEntry("psm-report", "study:psm_report", "Compare PSM with ViSQOL on degraded notes."),
)


class LazyCommands(MutableMapping[str, Any]):
    """The commands by name; a value is imported when it is read."""

    def __init__(self, entries: tuple[CommandEntry, ...]) -> None:
        """Import nothing yet."""
        self._entries = {entry.name: entry for entry in entries}
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded[name] = _load(self._entries[name])
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        self._entries.pop(name, None)
        self._loaded.pop(name, None)

    def __contains__(self, name: object) -> bool:
        return name in self._entries or name in self._loaded

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._entries, *self._loaded)))

    def __len__(self) -> int:
        return len(list(iter(self)))


class LazyGroup(TyperGroup):
    """The root command, which knows its commands from ``COMMANDS``."""

    def __init__(self, **settings: Any) -> None:
        """Import no command."""
        super().__init__(**settings)
        self.commands = LazyCommands(COMMANDS)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(entry.name, entry.help) for entry in COMMANDS])


def _load(entry: CommandEntry) -> Any:
    module, _, name = entry.target.partition(":")
    target = getattr(import_module(f"synth_app.cli.{module}"), name)
    if isinstance(target, typer.Typer):
        loaded: Any = get_group(target)
    else:
        single = typer.Typer(rich_markup_mode=None, add_completion=False)
        single.command(entry.name, cls=PlainCommand)(target)
        loaded = get_command(single)
    loaded.name = entry.name
    return loaded
