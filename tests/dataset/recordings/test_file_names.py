"""Keys and velocities in file names, as sample libraries write them."""

import pytest

from synth_app.dataset.recordings.file_names import agrees, read_file_name


@pytest.mark.parametrize(
    ("stem", "pitch", "velocity", "instrument"),
    [
        ("flute_acoustic_002-077-100", 77, 100, "flute_acoustic_002"),
        ("C7", 96, None, ""),
        ("c4", 60, None, ""),
        ("Bb2", 46, None, ""),
        ("A♭3", 56, None, ""),
        ("Cb4", 59, None, ""),
        ("B#3", 60, None, ""),
        ("C-1", 0, None, ""),
        ("G9", 127, None, ""),
        ("piano_A#3", 58, None, "piano"),
        ("Piano_C4_v127", 60, 127, "Piano"),
        ("D#1v16", 27, 16, ""),
        ("violin_A4_1_forte", 69, None, "violin 1_forte"),
        ("cello_As2_025_piano", 46, None, "cello 025_piano"),
        ("Piano.ff.Bb4", 70, None, "Piano.ff"),
        ("GrandPianoFs4", 66, None, "GrandPiano"),
        ("Grand Piano - C#4 - 100", 61, 100, "Grand Piano"),
        ("C4 (2)", 60, None, ""),
        ("Ab3 vel 90", 56, 90, ""),
        ("kazoo-060", 60, None, "kazoo"),
        ("060_kazoo", 60, None, "kazoo"),
        ("60", 60, None, ""),
        ("key60", 60, None, ""),
        ("organ midi_60", 60, None, "organ"),
        ("808 C2", 36, None, "808"),
        ("DX7 E3", 52, None, "DX7"),
    ],
)
def test_the_key_is_found(stem: str, pitch: int, velocity: int | None, instrument: str) -> None:
    named = read_file_name(stem)
    assert (named.pitch, named.velocity, named.instrument) == (pitch, velocity, instrument)


@pytest.mark.parametrize(
    "stem", ["take one", "Track 01", "B2B", "mytrumpet", "440", "C10", "H4", "piano-c-4", "take 12"]
)
def test_other_names_have_no_key(stem: str) -> None:
    named = read_file_name(stem)
    assert named.pitch is None
    assert named.candidates == ()


def test_bare_numbers_are_candidates() -> None:
    assert read_file_name("flute 72").candidates == ((72, "flute"),)
    assert [agrees(72, pitch) for pitch in (72, 60, 84, 48, 36, 71)] == [True, True, True, True, False, False]


def test_middle_c_can_be_c3() -> None:
    assert read_file_name("C3", middle_c=3).pitch == read_file_name("C4").pitch == 60
    assert read_file_name("kazoo-060", middle_c=3).pitch == 60
