"""Runs the comparison: every content with every texture, by every way."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synth_app.benchmarks.style.engine_cost import engine_cost_us
from synth_app.benchmarks.style.pairs import (
    choose_contents,
    choose_keys,
    encoded_texture,
    half_morph,
    mean_shift,
)
from synth_app.benchmarks.style.played import LEAD_S, Heard, Player, Sound, share
from synth_app.benchmarks.style.report import Measured, StyleReport
from synth_app.decoder import Model, load_model
from synth_app.patch import ENGINE_RATE, UserNote
from synth_app.style import (
    LevelModel,
    Style,
    StyledPath,
    note_at,
    path_step,
    rendered_path,
    style_of_sound,
    styled_path,
)
from synth_app.style.free import free_style
from synth_app.support.blas_threads import BlasThreadLimit
from synth_app.support.errors import UserError
from synth_app.texture import TEXTURES, synthesize_texture

_TEXTURE_S = 4.0
_HALF = 0.5


@dataclass(frozen=True)
class StyleSettings:
    """What to measure.

    Attributes:
        seed: of notes, textures and keys.
        contents: number of bank notes.
        keys: number of other keys that every styled note is played at.
        free: whether the free mode is measured.
    """

    seed: int = 0
    contents: int = 10
    keys: int = 5
    free: bool = True


def style_report(
    path: Path, settings: StyleSettings, progress: Callable[[int, int], None] | None = None
) -> StyleReport:
    """Measure both ways, the baselines and the free mode on seeded pairs; sounds come from the engine.

    Args:
        path: of the model.
        settings: what to measure.
        progress: called with (pairs done, all pairs).

    Raises:
        UserError: the model cannot be loaded, is recurrent, or has too few notes.
    """
    model = load_model(path)
    contents = choose_contents(model, settings.contents, settings.seed)
    measured: list[Measured] = []
    with BlasThreadLimit():
        styles = [_texture(model, name, settings.seed) for name in TEXTURES]
        for i, content in enumerate(contents):
            bench = _Bench(model, Player(model, str(path)), content, settings)
            for j, (style, sound) in enumerate(styles):
                measured.extend(bench.measure(style, sound))
                if progress:
                    progress(i * len(styles) + j + 1, len(contents) * len(styles))
    cost_us = engine_cost_us(model, path, contents[0], styles[0][0])
    return StyleReport(model.card.name, settings.seed, tuple(measured), cost_us)


def _texture(model: Model, name: str, seed: int) -> tuple[Style, Sound]:
    sound = synthesize_texture(name, _TEXTURE_S, model.spec.sample_rate, seed)
    return style_of_sound(model, name, sound, model.spec.sample_rate), sound


class _Bench:
    """Measures one content with any style."""

    def __init__(self, model: Model, player: Player, content: UserNote, settings: StyleSettings) -> None:
        self._model, self._player, self._content, self._settings = model, player, content, settings
        self._levels = LevelModel(model, content)
        self._sound = player.play(content)
        self._heard = player.hear(self._sound, content.pitch)
        self._keys = choose_keys(content, settings.keys, settings.seed)
        self._at_keys = [player.hear(player.play(content, key), None) for key in self._keys]

    def measure(self, style: Style, sound: Sound) -> Iterator[Measured]:
        """Yield one row for every way."""
        step = max(
            path_step(self._content.codes(), self._model.stats.std),
            style.step,
        )
        texture = encoded_texture(self._model, style.name, sound, self._content.pitch)
        baselines = {
            "mean shift": mean_shift(self._content, texture),
            "half morph": half_morph(self._model, self._content, texture),
        }
        for name, note in baselines.items():
            yield self._row(name, style, self._hear(note), step_ratio=self._step(note) / step)
        for name, make in (("live", styled_path), ("rendered", _rendered)):
            start = time.process_time()
            path = make(self._model, self._content, style)
            yield self._styled(name, style, path, time.process_time() - start, step)
        if self._settings.free:
            start = time.process_time()
            made = self._free(sound)
            yield self._row("free", style, made, cost=self._cost(time.process_time() - start))

    def _styled(self, name: str, style: Style, path: StyledPath, seconds: float, step: float) -> Measured:
        note = note_at(self._model, self._levels, path, 1.0)
        half = share(self._heard, style, self._hear(note_at(self._model, self._levels, path, _HALF), pitched=False))
        at_keys = [
            share(before, style, self._player.hear(self._player.play(note, key), None))
            for key, before in zip(self._keys, self._at_keys, strict=True)
        ]
        return self._row(
            name, style, self._hear(note), half=half, at_keys=tuple(at_keys), cost=self._cost(seconds),
            step_ratio=self._step(note) / step,
        )  # fmt: skip

    def _row(
        self, way: str, style: Style, result: Heard, *, half: float | None = None, at_keys: tuple[float, ...] = (),
        cost: float | None = None, step_ratio: float | None = None,
    ) -> Measured:  # fmt: skip
        kept = self._player.kept(self._heard, result)
        return Measured(
            self._content.name, style.name, way, share(self._heard, style, result), kept.onset, kept.loudness_db,
            kept.pitch, half, at_keys, step_ratio, cost,
        )  # fmt: skip

    def _hear(self, note: UserNote, *, pitched: bool = True) -> Heard:
        return self._player.hear(self._player.play(note), self._content.pitch if pitched else None)

    def _free(self, style: Sound) -> Heard:
        lead = round(LEAD_S * ENGINE_RATE)
        frames = self._model.frames(self._sound[lead:], ENGINE_RATE)
        rate = self._model.spec.sample_rate
        made = free_style(frames, self._model.frames(style, rate), self._model.spec, seed=self._settings.seed)
        if made is None:
            raise RuntimeError("nothing cancels this optimization")
        if rate != ENGINE_RATE:
            raise UserError(f"the free mode is measured at {ENGINE_RATE} Hz; {self._model.card.name} has {rate} Hz")
        whole = np.zeros_like(self._sound)
        count = min(len(made), len(whole) - lead)
        whole[lead : lead + count] = made[:count]
        return self._player.hear(whole, self._content.pitch)

    def _step(self, note: UserNote) -> float:
        return path_step(note.codes(), self._model.stats.std)

    def _cost(self, seconds: float) -> float:
        """Return seconds of one core per second of the content."""
        return seconds / (len(self._content.gains()) * self._model.spec.hop_seconds)


def _rendered(model: Model, content: UserNote, style: Style) -> StyledPath:
    path = rendered_path(model, content, style)
    if path is None:
        raise RuntimeError("nothing cancels this optimization")
    return path
