"""Write models, sounds and presets as a pack."""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synth_app.modelfile import load_model_file, read_card
from synth_app.modelfile.catalog import SUFFIX as MODEL_SUFFIX
from synth_app.session.packs.manifest import (
    MANIFEST_NAME,
    MAX_FILES,
    MAX_PACK_BYTES,
    SUFFIX,
    Manifest,
    PackFile,
    kind_of,
)
from synth_app.session.presets.preset_capture import card_digest
from synth_app.session.sounds.sound_audio import read_kept_copy
from synth_app.session.sounds.sound_library import SoundEntry
from synth_app.session.sounds.user_sound import MAX_GAIN_DB, MAX_SOURCE_SECONDS, SOUND_NAME, Recording, write_sound
from synth_app.session.state.preset import Preset, write_preset
from synth_app.support.errors import UserError
from synth_app.support.file_names import ascii_slug
from synth_app.support.files import atomic_path, check_target
from synth_app.support.loading import shown
from synth_app.support.resources import resource_folder
from synth_app.support.sound_writer import sound_writer
from synth_app.support.stages import stage_folder
from synth_app.version import __version__

_FLAC = ".flac"
_DATE = (1980, 1, 1, 0, 0, 0)  # the same content gives the same file
_CHUNK_BYTES = 2**20


@dataclass(frozen=True)
class PackTexts:
    """What a pack says about itself: see ``Manifest``."""

    name: str
    author: str = ""
    licence: str = ""
    about: str = ""


def export_pack(
    out: Path, texts: PackTexts, *, models: Sequence[Path] = (), sounds: Sequence[SoundEntry] = (),
    presets: Sequence[Preset] = (),
) -> Manifest:  # fmt: skip
    """Write a pack. Recordings in other formats are stored as mono FLAC of 24 bits; the library does not change.

    Args:
        out: file to write; its suffix is ``.synthpack``.
        texts: name, author, licence and description.
        models: model files. sounds: of the library. presets: of the library.

    Raises:
        UserError: nothing is given, a file cannot be read, a text is too long, or ``out`` cannot be written.
    """
    if out.suffix != SUFFIX:
        raise UserError(f"{shown(out)}: packs are {SUFFIX} files; choose a name with that ending")
    if not (models or sounds or presets):
        raise UserError("a pack needs at least one model, sound or preset; name some")
    check_target(out)
    with stage_folder(out.resolve().parent, ".pack-") as folder:
        paths = [*_models(models), *_sounds(sounds, folder), *_presets(presets, folder)]
        manifest = _manifest(texts, paths)
        _write(out, manifest, paths)
    return manifest


def absent_models(presets: Sequence[Preset], models: Sequence[Path]) -> tuple[str, ...]:
    """Return the titles of the models that presets were made with and that are neither given nor shipped."""
    known = {card_digest(read_card(path)) for path in (*models, *resource_folder("models").glob(f"*{MODEL_SUFFIX}"))}
    marks = [preset.model for preset in presets if preset.model is not None and preset.model.digest not in known]
    return tuple(dict.fromkeys(mark.title for mark in marks))


_Entry = tuple[str, Path]  # the name in the pack, and the file


def _models(models: Sequence[Path]) -> Iterator[_Entry]:
    for path, stem in zip(models, _stems([path.stem for path in models], "model"), strict=True):
        load_model_file(path)
        yield f"models/{stem}.safetensors", path


def _presets(presets: Sequence[Preset], folder: Path) -> Iterator[_Entry]:
    for i, (preset, stem) in enumerate(zip(presets, _stems([each.name for each in presets], "preset"), strict=True)):
        path = folder / f"preset-{i}.json"
        write_preset(path, preset)
        yield f"presets/{stem}.json", path


def _sounds(sounds: Sequence[SoundEntry], folder: Path) -> Iterator[_Entry]:
    for i, (entry, stem) in enumerate(zip(sounds, _stems([each.sound.name for each in sounds], "sound"), strict=True)):
        own = folder / f"sound-{i}"
        own.mkdir()
        files = _as_flac(entry, own)
        recordings = tuple(_with_file(each, files[each.file_name]) for each in entry.sound.recordings)
        write_sound(own / SOUND_NAME, entry.sound.model_copy(update={"recordings": recordings}))
        yield f"sounds/{stem}/{SOUND_NAME}", own / SOUND_NAME
        for each in files.values():
            yield f"sounds/{stem}/{each.sha256}{_FLAC}", each.path


@dataclass(frozen=True)
class _FlacFile:
    """A recording's file as FLAC: where it is, its digest, and the gain in dB that restores its level."""

    path: Path
    sha256: str
    gain_db: float = 0.0


def _as_flac(entry: SoundEntry, target: Path) -> dict[str, _FlacFile]:
    """Return each file of a sound as FLAC by its name, converted into ``target`` unless it is FLAC already.

    Several recordings may be parts of one file.
    """
    files: dict[str, _FlacFile] = {}
    for each in entry.sound.recordings:
        if each.file_name not in files:
            read_kept_copy(entry.folder, each)
            path = entry.folder / each.file_name
            files[each.file_name] = _FlacFile(path, each.sha256) if each.suffix == _FLAC else _converted(path, target)
    return files


def _converted(path: Path, target: Path) -> _FlacFile:
    from synth_app.dataset.audio_io import read_audio_file

    samples, rate = read_audio_file(path, max_seconds=MAX_SOURCE_SECONDS + 1.0)
    peak = max(float(np.abs(samples).max(initial=0.0)), 1.0)  # FLAC ends at full scale
    written = target / f"{path.stem}{_FLAC}"
    with sound_writer(written, rate, 1, "PCM_24", "FLAC") as file:
        file.write(samples / np.float32(peak))
    return _FlacFile(written, _digest(written), 20.0 * float(np.log10(peak)))


def _with_file(recording: Recording, file: _FlacFile) -> Recording:
    gain_db = min(recording.gain_db + file.gain_db, MAX_GAIN_DB)
    return recording.model_copy(update={"sha256": file.sha256, "suffix": _FLAC, "gain_db": gain_db})


def _stems(names: Sequence[str], default: str) -> list[str]:
    """Return names that packs allow, each once: lower-case ASCII letters, digits and hyphens."""
    taken: list[str] = []
    for name in names:
        plain = ascii_slug(name, default)
        stem, number = plain[:60], 2
        while stem in taken:
            stem, number = f"{plain[:56]}-{number}", number + 1
        taken.append(stem)
    return taken


def _manifest(texts: PackTexts, paths: Sequence[_Entry]) -> Manifest:
    if len(paths) > MAX_FILES:
        raise UserError(f"a pack of {len(paths)} files; the limit is {MAX_FILES}: leave some out")
    for name, path in paths:
        size, limit = path.stat().st_size, kind_of(name)[1]
        if size > limit:
            raise UserError(f"{name} would have {size} bytes, the limit in a pack is {limit}; leave it out")
    files = tuple(PackFile(path=name, size=path.stat().st_size, sha256=_digest(path)) for name, path in paths)
    if sum(each.size for each in files) > MAX_PACK_BYTES // 2:
        raise UserError(f"the pack would have over {MAX_PACK_BYTES // 2**21} MB; leave some models or sounds out")
    try:
        return Manifest(**vars(texts), made_with=__version__, files=files)
    except ValueError as error:
        raise UserError(
            "the pack's name needs 1 to 64 characters, author and licence up to 200 in one line, the description 4000"
        ) from error


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write(out: Path, manifest: Manifest, paths: Sequence[_Entry]) -> None:
    text = json.dumps(manifest.model_dump(mode="json"), indent=1, ensure_ascii=False)
    with (
        atomic_path(out) as temporary,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED, allowZip64=False) as archive,
    ):
        archive.writestr(zipfile.ZipInfo(MANIFEST_NAME, _DATE), text.encode())
        for name, path in paths:
            with archive.open(_entry(name, path), "w") as target, path.open("rb") as source:
                while chunk := source.read(_CHUNK_BYTES):
                    target.write(chunk)


def _entry(name: str, path: Path) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.file_size = path.stat().st_size
    return entry
