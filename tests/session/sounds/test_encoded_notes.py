"""Sounds become notes of a model, once; other settings or models encode them again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.modelfile.noise_share import unpack_noise
from synth_app.patch import UserNote
from synth_app.session.sounds import encoded_notes
from synth_app.session.sounds.encode_sound import NoteSettings, encode_audio
from synth_app.session.sounds.encoded_notes import NOTES_FOLDER, sound_note
from synth_app.session.sounds.new_sound import NewRecording
from synth_app.session.sounds.sound_library import SoundEntry, SoundLibrary
from synth_app.session.sounds.user_sound import Region
from synth_app.session.state.saved_note import SavedNote
from synth_app.support.errors import UserError
from tests.engine.conftest import SPECS, exact_model
from tests.session.sounds.recordings import tone, write


@pytest.fixture(scope="module")
def model() -> Model:
    return Model(exact_model(SPECS[16_000]))


@pytest.fixture
def entry(tmp_path: Path) -> SoundEntry:
    files = [write(tmp_path / f"x-{key:03d}-100.wav", tone(key, slope=slope)) for key, slope in ((60, 0.5), (67, 1.5))]
    return SoundLibrary(tmp_path / "sounds").add("Tone", [NewRecording(path) for path in files])


@pytest.fixture
def encodings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the notes that are encoded from now on."""
    found: list[str] = []

    def counted(model: Model, samples: NDArray[np.float32], rate: int, settings: NoteSettings) -> UserNote:
        found.append(f"{settings.pitch:.0f}")
        return encode_audio(model, samples, rate, settings)

    monkeypatch.setattr(encoded_notes, "encode_audio", counted)
    return found


def test_a_sound_is_encoded_once_for_each_model_and_setting(
    model: Model, entry: SoundEntry, encodings: list[str]
) -> None:
    first = sound_note(entry.folder, entry.sound, model)
    assert encodings == ["60", "67"]
    assert sound_note(entry.folder, entry.sound, model) == first, "read from its file"
    assert encodings == ["60", "67"]
    renamed = entry.sound.model_copy(update={"name": "Other"})
    assert sound_note(entry.folder, renamed, model) == replace(
        first, name="Other", others=tuple(replace(each, name="Other") for each in first.others)
    )
    assert len(encodings) == 2, "the name is no reason to encode again"
    main, other = entry.sound.recordings
    louder = entry.sound.model_copy(update={"recordings": (main.model_copy(update={"gain_db": 6.0}), other)})
    changed = sound_note(entry.folder, louder, model)
    assert len(encodings) == 4
    assert np.median(changed.gains() - first.gains()) == pytest.approx(6.0, abs=0.02)
    other_model = Model(replace(model.file, card=model.card.model_copy(update={"name": "other"})))
    sound_note(entry.folder, louder, other_model)
    assert len(encodings) == 6
    assert len(list((entry.folder / NOTES_FOLDER).iterdir())) == 2, "each model keeps its own"


def test_the_note_has_the_sounds_name_pitches_and_timbres(model: Model, entry: SoundEntry) -> None:
    note = sound_note(entry.folder, entry.sound, model)
    assert (note.name, len(note.others), len(note.recordings)) == ("Tone", 1, 2)
    assert [each.pitch for each in note.recordings] == [each.pitch for each in entry.sound.recordings]
    bright = model.decode(note.codes()[20:21], 0.0)[0]
    assert bright[round(60 * 1024 / 16_000) :].max() == pytest.approx(0.0, abs=4.0)
    assert note.codes()[20, 0] == pytest.approx(1.0, abs=0.35), "the model's bright tone, which was recorded"


def test_a_dropped_sound_carries_its_share_of_noise(model: Model) -> None:
    rate, rng = 16_000, np.random.default_rng(0)
    time = np.arange(rate) / rate
    pure = sum(0.1 / h * np.sin(2 * np.pi * 261.63 * h * time) for h in range(1, 11))
    shares = []
    for audio in (pure, 0.1 * rng.standard_normal(rate)):
        note = encode_audio(model, np.asarray(audio, np.float32), rate, NoteSettings("x", 60.0))
        assert note.correction is not None
        shares.append(unpack_noise(note.correction.noise)[:, :8])
    assert shares[0].max() < -40.0
    assert shares[1].min() > -3.0


def test_presets_keep_all_recordings(model: Model, entry: SoundEntry) -> None:
    note = sound_note(entry.folder, entry.sound, model)
    text = SavedNote.of(note).model_dump_json()
    assert SavedNote.model_validate_json(text).restore() == note
    alone = SavedNote.of(replace(note, others=())).model_dump_json()
    assert not any(f'"{name}"' in alone for name in ("others", "velocity", "pitched")), "as earlier versions wrote it"


def test_a_loop_of_the_users_is_kept(model: Model, entry: SoundEntry) -> None:
    main, other = entry.sound.recordings
    looped = main.model_copy(update={"loop": Region(start_s=0.3, end_s=0.5)})
    sound = entry.sound.model_copy(update={"recordings": (looped, other)})
    note = sound_note(entry.folder, sound, model)
    assert (note.own_loop, note.others[0].own_loop) == (True, False)
    hop_s = model.spec.hop_seconds
    assert note.marks[1] * hop_s == pytest.approx(0.3, abs=2 * hop_s)
    assert note.marks[2] * hop_s == pytest.approx(0.5, abs=2 * hop_s)


@pytest.mark.parametrize("damage", [b"", b"\0" * 100, b"half"])
def test_damaged_notes_are_made_again(model: Model, entry: SoundEntry, encodings: list[str], damage: bytes) -> None:
    first = sound_note(entry.folder, entry.sound, model)
    (path,) = (entry.folder / NOTES_FOLDER).iterdir()
    path.write_bytes(path.read_bytes()[:2000] if damage == b"half" else damage)
    assert sound_note(entry.folder, entry.sound, model) == first
    assert len(encodings) == 4


def test_a_sound_without_its_recording_says_which(model: Model, entry: SoundEntry) -> None:
    (entry.folder / entry.sound.recordings[1].file_name).unlink()
    with pytest.raises(UserError, match="does not exist"):
        sound_note(entry.folder, entry.sound, model)
