"""A tiny real SoundFont, written byte by byte, and notes to test with."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from synth_app.dataset.audio_io import write_wav16
from synth_app.dataset.nsynth import AUDIO_NAME, Note, audio_path, make_note, write_notes

SAMPLE_RATE = 44_000
PERIOD = 100  # frames, so the sample sounds at exactly 440 Hz
RELEASE_SECONDS = 0.2
_KEY_RANGE, _RELEASE, _INSTRUMENT, _SAMPLE_ID, _SAMPLE_MODES, _ROOT_KEY = 43, 38, 41, 53, 54, 58


def chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def listing(name: bytes, *chunks: bytes) -> bytes:
    return chunk(b"LIST", name + b"".join(chunks))


def _sine_soundfont(presets: list[tuple[int, int, str]], key_range: tuple[int, int] = (0, 127)) -> bytes:
    """A SoundFont 2 with one looped 440 Hz sine (MIDI key 69), the given (bank, program, name) presets on it."""
    wave = np.round(20_000 * np.sin(2 * np.pi * np.arange(50 * PERIOD) / PERIOD)).astype("<i2")
    smpl = wave.tobytes() + bytes(2 * 46)
    info = listing(
        b"INFO",
        chunk(b"ifil", struct.pack("<HH", 2, 1)),
        chunk(b"isng", b"EMU8000\0"),
        chunk(b"INAM", b"Tiny sine\0"),
        chunk(b"ICOP", b"(c) nobody\0\0"),
    )
    phdr = b"".join(
        struct.pack("<20sHHHIII", name.encode(), program, bank, bag, 0, 0, 0)
        for bag, (bank, program, name) in enumerate(presets)
    ) + struct.pack("<20sHHHIII", b"EOP", 0, 0, len(presets), 0, 0, 0)
    pbag = b"".join(struct.pack("<HH", bag, 0) for bag in range(len(presets) + 1))
    pgen = struct.pack("<HH", _INSTRUMENT, 0) * len(presets) + bytes(4)
    release_timecents = round(1200 * np.log2(RELEASE_SECONDS))
    generators = (
        struct.pack("<HBB", _KEY_RANGE, *key_range),
        struct.pack("<Hh", _RELEASE, release_timecents),
        struct.pack("<HH", _ROOT_KEY, 69),
        struct.pack("<HH", _SAMPLE_MODES, 1),
        struct.pack("<HH", _SAMPLE_ID, 0),
    )
    inst = struct.pack("<20sH", b"Sine", 0) + struct.pack("<20sH", b"EOI", 1)
    ibag = struct.pack("<HH", 0, 0) + struct.pack("<HH", len(generators), 0)
    header = "<20sIIIIIBbHH"
    loop = (10 * PERIOD, 40 * PERIOD)
    shdr = struct.pack(header, b"Sine", 0, len(wave), *loop, SAMPLE_RATE, 69, 0, 0, 1)
    shdr += struct.pack(header, b"EOS", 0, 0, 0, 0, 0, 0, 0, 0, 0)
    pdta = listing(
        b"pdta",
        chunk(b"phdr", phdr),
        chunk(b"pbag", pbag),
        chunk(b"pmod", bytes(10)),
        chunk(b"pgen", pgen),
        chunk(b"inst", inst),
        chunk(b"ibag", ibag),
        chunk(b"imod", bytes(10)),
        chunk(b"igen", b"".join(generators) + bytes(4)),
        chunk(b"shdr", shdr),
    )
    return chunk(b"RIFF", b"sfbk" + info + listing(b"sdta", chunk(b"smpl", smpl)) + pdta)


@pytest.fixture(scope="session")
def sine_soundfont() -> Callable[..., bytes]:
    """sine_soundfont([(bank, program, name), ...], key_range=(0, 127)): the bytes of a font."""
    return _sine_soundfont


@pytest.fixture(scope="session")
def tiny_sf2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grand piano, violin, and programs that must not be rendered: a woodblock, sea shore, a drum kit."""
    presets = [(0, 0, "Grand"), (0, 40, "Violin"), (0, 115, "Woodblock"), (0, 122, "Sea"), (128, 0, "Drums")]
    path = tmp_path_factory.mktemp("soundfont") / "tiny.sf2"
    path.write_bytes(_sine_soundfont(presets))
    return path


@pytest.fixture
def tone() -> Callable[..., npt.NDArray[np.float32]]:
    """tone(f0_hz, rate, seconds, peak): a sine."""

    def make(
        f0_hz: float = 440.0, rate: int = 16_000, seconds: float = 4.0, peak: float = 0.5
    ) -> npt.NDArray[np.float32]:
        time = np.arange(round(seconds * rate)) / rate
        return (peak * np.sin(2 * np.pi * f0_hz * time)).astype(np.float32)

    return make


def _notes_of(counts: dict[str, tuple[int, ...]]) -> tuple[Note, ...]:
    """Notes of acoustic instruments: {family: (notes of its first instrument, of its second, ...)}."""
    notes: list[Note] = []
    instrument = 0
    for family, sizes in counts.items():
        for index, size in enumerate(sizes):
            for place in range(size):
                notes.append(
                    make_note(
                        note=len(notes),
                        instrument=instrument,
                        family=family,
                        source="acoustic",
                        index=index,
                        pitch=21 + place % 88,
                        velocity=100 - place // 88,
                        sample_rate=16_000,
                    )
                )
            instrument += 1
    return tuple(notes)


@pytest.fixture(scope="session")
def notes_of() -> Callable[[dict[str, tuple[int, ...]]], tuple[Note, ...]]:
    """notes_of({family: (notes of its first instrument, of its second, ...)})."""
    return _notes_of


@pytest.fixture
def nsynth_folder(tmp_path: Path, tone: Callable[..., npt.NDArray[np.float32]]) -> tuple[Path, tuple[Note, ...]]:
    """A valid folder of ten notes of two instruments, 4 s at 16 kHz, and its notes."""
    folder = tmp_path / "notes"
    (folder / AUDIO_NAME).mkdir(parents=True)
    notes = _notes_of({"flute": (6,), "reed": (4,)})
    for note in notes:
        write_wav16(audio_path(folder, note.note_str), tone(200.0 + note.note), 16_000)
    write_notes(folder, notes)
    return folder, notes
