"""The notes of a fidelity report: General MIDI programs and keys, and the bank notes that were made from them."""

from dataclasses import dataclass

from synth_app.dataset.soundfont_info import SoundFontInfo
from synth_app.modelfile import BankNote
from synth_app.support.errors import UserError


@dataclass(frozen=True)
class NoteChoice:
    """One note: General MIDI program and MIDI key, both 0-127."""

    program: int
    key: int

    def __post_init__(self) -> None:
        """Raise UserError for a number outside 0-127."""
        if not (0 <= self.program <= 127 and 0 <= self.key <= 127):
            raise UserError(f"note {self.program}:{self.key}: program and key must be within 0-127; such as 0:60")


# struck, plucked, bowed, blown and synthetic tones, two of them at C2, and two ensembles
DEFAULT_CHOICES = tuple(NoteChoice(*each) for each in (
    (0, 60), (4, 36), (33, 36), (24, 48), (11, 60), (19, 60), (40, 60), (48, 60), (52, 60), (56, 60), (65, 60),
    (73, 72), (81, 48),
))  # fmt: skip


@dataclass(frozen=True)
class ChosenNote:
    """A note of both sources.

    Attributes:
        choice: program and key in the SoundFont.
        preset: the program's name in the SoundFont.
        slot: index of the bank note.
        note: the bank note.
    """

    choice: NoteChoice
    preset: str
    slot: int
    note: BankNote


def parse_choice(text: str) -> NoteChoice:
    """Return the note of a text PROGRAM:KEY, such as ``0:60``. Raises UserError for another text."""
    program, separator, key = text.partition(":")
    if not (separator and program.isdecimal() and key.isdecimal()):
        raise UserError(f"note {text!r} is not PROGRAM:KEY; write 0:60 for program 0 (grand piano) at middle C")
    return NoteChoice(int(program), int(key))


def find_notes(
    choices: tuple[NoteChoice, ...], bank: tuple[BankNote, ...], font: SoundFontInfo
) -> tuple[tuple[ChosenNote, ...], tuple[NoteChoice, ...]]:
    """Find the bank notes that were made from a SoundFont's programs: same instrument name, same key.

    Args:
        choices: notes wanted. bank: of the model. font: names of the SoundFont's presets.

    Returns:
        the notes that both have, and the choices that one of them lacks.
    """
    found, missing = [], []
    for choice in choices:
        preset = font.presets.get((0, choice.program), "")
        slots = [i for i, note in enumerate(bank) if (note.instrument, note.pitch) == (preset, choice.key)]
        if slots:
            found.append(ChosenNote(choice, preset, slots[0], bank[slots[0]]))
        else:
            missing.append(choice)
    return tuple(found), tuple(missing)
