"""Packs come back as they were; what they may not hold is refused before anything is written."""

import io
import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from synth_app.modelfile import load_model_file, save_model_file
from synth_app.session.packs import (
    Libraries,
    PackTexts,
    absent_models,
    checked_pack,
    export_pack,
    import_pack,
    manifest,
)
from synth_app.session.presets.library import FACTORY_FOLDER, PresetLibrary
from synth_app.session.sounds.find_notes import find_notes
from synth_app.session.sounds.new_sound import NewRecording
from synth_app.session.sounds.sound_audio import read_recording
from synth_app.session.sounds.sound_edits import sliced
from synth_app.session.sounds.sound_library import SoundEntry, SoundLibrary
from synth_app.session.state.preset import ModelMark, Preset, read_preset
from synth_app.support.errors import UserError
from tests.modelfile.conftest import small_model
from tests.session.sounds.recordings import RATE, tone, write

TEXTS = PackTexts("Tones", "Ann", "CC0", "Three tones.")
PRESET = read_preset(sorted(FACTORY_FOLDER.glob("*.json"))[0]).model_copy(update={"name": "Mine"})


@pytest.fixture(autouse=True)
def no_other_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTH_APP_MODELS", str(tmp_path / "none"))


def libraries(folder: Path) -> Libraries:
    presets = PresetLibrary(folder / "presets", folder / "settings.json", folder / "factory")
    return Libraries(folder / "models", SoundLibrary(folder / "sounds"), presets)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    save_model_file(tmp_path / "tiny.safetensors", small_model())
    return tmp_path / "tiny.safetensors"


@pytest.fixture
def sound(tmp_path: Path) -> SoundEntry:
    """Two recordings; one is a WAV file of numbers over full scale, which FLAC cannot hold."""
    loud = tmp_path / "loud-072-100.wav"
    soundfile.write(loud, 8.0 * tone(72.0), RATE, "FLOAT")
    files = [NewRecording(write(tmp_path / "tone-060-100.wav", tone(60.0))), NewRecording(loud)]
    return SoundLibrary(tmp_path / "own").add("Tone", files)


@pytest.fixture
def pack(tmp_path: Path, model: Path, sound: SoundEntry) -> Path:
    path = tmp_path / "tones.synthpack"
    export_pack(path, TEXTS, models=[model], sounds=[sound], presets=[PRESET])
    return path


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_pack_comes_back_in_another_home(tmp_path: Path, pack: Path, model: Path, sound: SoundEntry) -> None:
    home = libraries(tmp_path / "home")
    found = import_pack(pack, home)
    assert (found.manifest.name, found.manifest.licence, found.present) == ("Tones", "CC0", ())
    (path,) = found.models
    assert path.read_bytes() == model.read_bytes()
    assert load_model_file(path).card.name == small_model().card.name
    assert home.presets.find(found.presets[0]).preset == PRESET  # type: ignore[union-attr]  # it is there
    again = home.sounds.named(found.sounds[0])
    assert again.sound.name == "Tone"
    for ours, theirs in zip(sound.sound.recordings, again.sound.recordings, strict=True):
        assert theirs.suffix == ".flac"
        before, after = (read_recording(each.folder, part)[0] for each, part in ((sound, ours), (again, theirs)))
        assert np.abs(before - after).max() < 3e-6 * max(1.0, np.abs(before).max())  # 24 bits


def test_parts_of_one_file_share_it(tmp_path: Path) -> None:
    library = SoundLibrary(tmp_path / "own")
    path = write(tmp_path / "two-060-100.wav", np.concatenate([tone(60.0), tone(67.0)]))
    whole = library.add("Two", [NewRecording(path)])
    notes = find_notes(*read_recording(whole.folder, whole.sound.recordings[0]))
    two = library.change(whole.key, sliced(whole.sound, 0, notes))
    assert len(two.sound.recordings) == 2
    files = export_pack(tmp_path / "two.synthpack", TEXTS, sounds=[two]).files
    assert len(files) == 2, "the description and one file"
    home = libraries(tmp_path / "home")
    (key,) = import_pack(tmp_path / "two.synthpack", home).sounds
    again = home.sounds.entry(key)
    for ours, theirs in zip(two.sound.recordings, again.sound.recordings, strict=True):
        assert (theirs.trim, theirs.pitch) == (ours.trim, ours.pitch)
        before, after = (read_recording(each.folder, part)[0] for each, part in ((two, ours), (again, theirs)))
        assert np.abs(before - after).max() < 1e-6


def test_a_changed_recording_is_not_shared(tmp_path: Path, sound: SoundEntry) -> None:
    write(sound.folder / sound.sound.recordings[0].file_name, tone(50.0))
    with pytest.raises(UserError, match="was changed"):
        export_pack(tmp_path / "x.synthpack", TEXTS, sounds=[sound])
    assert not (tmp_path / "x.synthpack").exists()


def test_a_file_above_its_limit_is_named(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = tuple((kind, pattern, 100) for kind, pattern, _ in manifest._RULES)
    monkeypatch.setattr(manifest, "_RULES", small)
    with pytest.raises(UserError, match="the limit in a pack is 100"):
        export_pack(tmp_path / "x.synthpack", TEXTS, models=[model])


def test_a_second_import_adds_nothing(tmp_path: Path, pack: Path) -> None:
    import_pack(pack, libraries(tmp_path / "home"))
    before = tree(tmp_path / "home")
    found = import_pack(pack, libraries(tmp_path / "home"))
    assert (found.models, found.sounds, found.presets) == ((), (), ())
    assert len(found.present) == 3
    assert tree(tmp_path / "home") == before


def test_names_that_are_taken_get_a_number(tmp_path: Path, pack: Path, model: Path) -> None:
    home = libraries(tmp_path / "home")
    home.models.mkdir(parents=True)
    plain = small_model()
    other = replace(plain, card=plain.card.model_copy(update={"title": "Another"}))
    save_model_file(home.models / "tiny.safetensors", other)
    home.presets.folder.mkdir()
    home.presets.add(PRESET.model_copy(update={"about": "another"}))
    found = import_pack(pack, home)
    assert [path.name for path in found.models] == ["tiny-2.safetensors"]
    assert home.presets.find(found.presets[0]).preset.name == "Mine 2"  # type: ignore[union-attr]  # it is there
    assert load_model_file(home.models / "tiny.safetensors").card.title == "Another"


def test_the_same_content_gives_the_same_file(tmp_path: Path, pack: Path, model: Path, sound: SoundEntry) -> None:
    export_pack(tmp_path / "b.synthpack", TEXTS, models=[model], sounds=[sound], presets=[PRESET])
    assert (tmp_path / "b.synthpack").read_bytes() == pack.read_bytes()


def test_a_failure_on_the_way_leaves_nothing(tmp_path: Path, pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = libraries(tmp_path / "home")

    def full(preset: Preset) -> None:
        raise UserError("the disk is full")

    monkeypatch.setattr(home.presets, "add", full)
    with pytest.raises(UserError, match="full"):
        import_pack(pack, home)
    assert tree(tmp_path / "home") == set()


def rewritten(pack: Path, change: Callable[[dict[str, bytes]], None], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(pack) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    with zipfile.ZipFile(pack, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return pack


def _add(name: str, *, listed: bool) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        files[name] = files["pack.json"]
        if listed:
            listing = json.loads(files["pack.json"])
            listing["files"].append({**listing["files"][0], "path": name})
            files["pack.json"] = json.dumps(listing).encode()

    return change


def _edit_manifest(**changes: object) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        files["pack.json"] = json.dumps({**json.loads(files["pack.json"]), **changes}).encode()

    return change


def _edit_files(change: Callable[[list[Any]], object]) -> Callable[[dict[str, bytes]], None]:
    def edit(files: dict[str, bytes]) -> None:
        listing = json.loads(files["pack.json"])
        change(listing["files"])
        files["pack.json"] = json.dumps(listing).encode()

    return edit


def _preset(files: dict[str, bytes]) -> str:
    return next(each for each in files if each.startswith("presets/"))


def _swap_content(files: dict[str, bytes]) -> None:
    name = _preset(files)
    files[name] = files[name].replace(b"Mine", b"Eve!")


OUTSIDE = [
    "../x.json", "/x.json", "presets/../../x.json", "presets\\x.json", "x.py", "models/x.pkl", "presets/.x.json",
    "models/X.safetensors", "presets/x.json/y.json", "models/con.safetensors", "sounds/lpt1/sound.json",
]  # fmt: skip


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("name", OUTSIDE)
def test_other_names_are_refused(tmp_path: Path, pack: Path, name: str, listed: bool) -> None:
    rewritten(pack, _add(name, listed=listed))
    _refused(tmp_path, pack, "no file of a pack")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (_add("presets/extra.json", listed=False), "'presets/extra.json' is not listed in pack.json"),
        (lambda files: files.pop(_preset(files)), "presets/mine.json, which is not there"),
        (lambda files: files.update({_preset(files): b"{}"}), "has 2 bytes, pack.json says"),
        (
            _edit_files(lambda listed: listed[1].update(sha256="x")),
            "pack.json, file 2 (sounds/tone/sound.json): sha256: String should match",
        ),
        (_edit_files(lambda listed: listed[0].pop("size")), "file 1 ("),
        (_edit_files(lambda listed: listed.append(listed[0])), "is listed twice"),
        (_edit_files(lambda listed: listed.__setitem__(0, 7)), "pack.json, file 1: "),
        (_edit_manifest(files=[]), "pack.json: files: "),
        (lambda files: files.update({"pack.json": b"{"}), "pack.json: Invalid JSON"),
        (_edit_manifest(version=2), "newer synth_app"),
        (_edit_manifest(run="rm"), "run"),
        (_swap_content, "checksum of presets/"),
        (lambda files: files.pop("pack.json"), "pack.json is missing"),
        (lambda files: files.update({"pack.json": b"[" * 100_000}), "is not a pack"),
    ],
)
def test_content_that_does_not_fit_is_refused(
    tmp_path: Path, pack: Path, change: Callable[[dict[str, bytes]], None], what: str
) -> None:
    _refused(tmp_path, rewritten(pack, change), what)


def test_compressed_and_encrypted_entries_are_refused(tmp_path: Path, pack: Path) -> None:
    original = pack.read_bytes()
    _refused(tmp_path, rewritten(pack, lambda files: None, zipfile.ZIP_DEFLATED), "is compressed")
    encrypted = bytearray(original)
    encrypted[original.index(b"PK\x01\x02") + 8] |= 1
    pack.write_bytes(encrypted)
    _refused(tmp_path, pack, "encrypted")


@pytest.mark.parametrize("where", ["before", "behind", "between"])
def test_bytes_that_no_file_owns_are_refused(tmp_path: Path, pack: Path, where: str) -> None:
    data = pack.read_bytes()
    if where == "between":
        at, end = data.index(b"PK\x01\x02"), bytearray(data[-22:])
        struct.pack_into("<I", end, 16, at + 4)
        data = data[:at] + b"evil" + data[at:-22] + bytes(end)
    pack.write_bytes({"before": b"#!/bin/sh\n" + data, "behind": data + b"x", "between": data}[where])
    _refused(tmp_path, pack, "is not a pack")


def test_a_directory_that_claims_a_million_files_is_not_read(tmp_path: Path, pack: Path) -> None:
    data = bytearray(pack.read_bytes())
    struct.pack_into("<HH", data, len(data) - 14, 65_535, 65_535)
    pack.write_bytes(data)
    _refused(tmp_path, pack, "65535 files, the limit is 4096")


def test_a_damaged_model_or_sound_is_refused_by_its_own_loader(tmp_path: Path, model: Path, sound: SoundEntry) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(model.read_bytes()[:-8])
    with pytest.raises(UserError, match="is not a model file"):
        export_pack(tmp_path / "x.synthpack", TEXTS, models=[broken])
    assert not (tmp_path / "x.synthpack").exists()
    (sound.folder / sound.sound.recordings[0].file_name).unlink()
    with pytest.raises(UserError, match="does not exist"):
        export_pack(tmp_path / "x.synthpack", TEXTS, sounds=[sound])


def test_exports_that_make_no_sense_are_refused(tmp_path: Path, model: Path) -> None:
    with pytest.raises(UserError, match="at least one"):
        export_pack(tmp_path / "x.synthpack", TEXTS)
    with pytest.raises(UserError, match="synthpack files"):
        export_pack(tmp_path / "x.zip", TEXTS, models=[model])
    with pytest.raises(UserError, match="64 characters"):
        export_pack(tmp_path / "x.synthpack", PackTexts("x" * 65), models=[model])


def test_a_preset_whose_model_is_missing_is_named(model: Path) -> None:
    mark = ModelMark(name="x", title="My Kazoo", family="vae", latent_size=4, digest="0" * 16)
    assert absent_models([PRESET.model_copy(update={"model": mark})], [model]) == ("My Kazoo",)
    assert absent_models([PRESET], []) == ()


def _refused(tmp_path: Path, pack: Path, what: str) -> None:
    with pytest.raises(UserError) as error:
        import_pack(pack, libraries(tmp_path / "home"))
    assert what in str(error.value)
    assert "\n" not in str(error.value)
    assert tree(tmp_path / "home") == set()
    with pytest.raises(UserError), checked_pack(pack):
        pass


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"PK", b"x" * 1000, io.BytesIO().getvalue()):
        path = tmp_path / "x.synthpack"
        path.write_bytes(content)
        _refused(tmp_path, path, "is not a pack")
