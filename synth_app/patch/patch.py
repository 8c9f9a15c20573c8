"""The engine's messages: immutable patches and note events. Plain data, quick to import."""

import math
from dataclasses import dataclass, field, replace

from synth_app.params import MACROS, PARAMS, defaults, param_index
from synth_app.params.macros import MAX_MACRO_NAME
from synth_app.patch.automation import Automation
from synth_app.patch.handle_curves import HandleCurves
from synth_app.patch.modulation_matrix import Modulation
from synth_app.patch.pad_grid import PadGrid
from synth_app.patch.performance_events import PerformanceEvent
from synth_app.patch.quality import DEFAULT_QUALITY, quality
from synth_app.patch.style_texture import StyleChanges, StyleTexture
from synth_app.patch.user_note import UserNote
from synth_app.support.errors import UserError

ENGINE_RATE = 48_000  # Hz; the engine always renders at this rate, devices and files convert from it
MAX_VOICES = 64
MAX_OFFSET_DB = 24.0
OFFSET_SMOOTHING_MS = 1.0  # time constant of the engine's glide of the offset; overlapping frames smooth it already
MORPH = "morph"


@dataclass(frozen=True)
class Patch:
    """Everything that determines the sound apart from the keys: one immutable snapshot.

    A voice's latent vector is ``z(t) = C + motion * (P(t) - C) + offset``. P is the latent path of slot A morphed
    towards slot B, C the centre of its sustain (``modelfile.note_center``), and offset what the sliders add.

    Attributes:
        model: path of the model file.
        slot_a, slot_b: indices into the model's note bank.
        offset: one number per latent dimension.
        style_texture: the texture in slot S, or None.
        style_changes: what the style adds to the notes in slot A and B; None where there is no style, or where it is
            not solved yet. They are derived, as the pad's grid: the session computes them.
        offset_db: what handles add to the level of each voice, so that the loudness stays.
        params: values in the order of ``params.PARAMS``.
        quality: name of one of ``quality.QUALITIES``.
        user_notes: user notes (not from the model's note bank) in slot A and B; None where the bank note plays.
        modulation: LFOs, envelopes and connections; connections to dimensions that the model lacks have no effect.
        automation: recorded moves of the controls, or None.
        pad_grid: the grid that modulation of the pad moves over; None where nothing is connected to the pad. It is
            derived: the session computes it from the pad's state and the other fields (``PadGrids.add_to``).
        handle_curves: what modulation and automation of handles add, and what holds pinned handles while something
            moves the morph; None where nothing does. Derived, too (``session.curves.handle_solver``).
        macro_names: names that the user gave to the macros, "" for none.
    """

    model: str
    slot_a: int = 0
    slot_b: int = 0
    offset: tuple[float, ...] = ()
    params: tuple[float, ...] = field(default_factory=defaults)
    quality: str = DEFAULT_QUALITY
    user_notes: tuple[UserNote | None, UserNote | None] = (None, None)
    modulation: Modulation = field(default_factory=Modulation)
    automation: Automation | None = None
    pad_grid: PadGrid | None = None
    offset_db: float = 0.0
    handle_curves: HandleCurves | None = None
    macro_names: tuple[str, ...] = ("",) * len(MACROS)
    style_texture: StyleTexture | None = None
    style_changes: StyleChanges = (None, None)

    def __post_init__(self) -> None:
        """Refuse a patch that cannot be played."""
        if len(self.params) != len(PARAMS):
            raise UserError(f"{len(self.params)} parameter values; this version has {len(PARAMS)}")
        if not all(map(math.isfinite, (*self.offset, *self.params, self.offset_db))):
            raise UserError("a patch's offset and parameters must be finite numbers")
        if abs(self.offset_db) > MAX_OFFSET_DB:
            raise UserError(f"a patch's offset_db is {self.offset_db:g}; give -{MAX_OFFSET_DB:g} to {MAX_OFFSET_DB:g}")
        if len(self.macro_names) != len(MACROS) or any(len(name) > MAX_MACRO_NAME for name in self.macro_names):
            raise UserError(f"give {len(MACROS)} names of macros of at most {MAX_MACRO_NAME} letters")
        quality(self.quality)

    @property
    def moved_handles(self) -> frozenset[int]:
        """The positions in ``SPECTRAL_HANDLES`` of the handles that modulation or automation moves."""
        return self.modulation.moved_handles | (self.automation.moved_handles if self.automation else frozenset())

    @property
    def moves_morph(self) -> bool:
        """Whether modulation or automation moves the morph."""
        if any(each.on and each.amount and each.target == MORPH for each in self.modulation.connections):
            return True
        played = self.automation.curves if self.automation and self.automation.playing else ()
        return any(curve.target == MORPH for curve in played)

    @property
    def settings(self) -> "Patch":
        """The patch without derived data: what the user set. Undo steps and files hold only this."""
        derived = (self.pad_grid, self.handle_curves, *self.style_changes)
        if all(each is None for each in derived):
            return self
        return replace(self, pad_grid=None, handle_curves=None, style_changes=(None, None))

    def value(self, name: str) -> float:
        """Return the value of a parameter. Raises UserError for an unknown name."""
        return self.params[param_index(name)]

    def with_param(self, name: str, value: float) -> "Patch":
        """Return a copy with one parameter changed, clamped to its range."""
        i = param_index(name)
        return replace(self, params=(*self.params[:i], PARAMS[i].clamp(value), *self.params[i + 1 :]))


@dataclass(frozen=True)
class NoteOn:
    """Key down. ``note`` in MIDI (60 = middle C), ``velocity`` 1-127; ``channel`` 0-15 shares bend and pedal."""

    note: int
    velocity: int = 100
    channel: int = 0


@dataclass(frozen=True)
class NoteOff:
    """Key up."""

    note: int
    channel: int = 0


@dataclass(frozen=True)
class Panic:
    """Silence every voice at once, without a click; release pedals and move controllers to their neutral positions."""


@dataclass(frozen=True)
class SetPatch:
    """Play this patch.

    The audio process loads the patch's model first if it needs another model or quality. The engine alone ignores such
    a patch: ``Engine.install`` changes the model.
    """

    patch: Patch


Message = NoteOn | NoteOff | Panic | SetPatch | PerformanceEvent


@dataclass(frozen=True)
class Event:
    """A message at a time, in samples at ``ENGINE_RATE`` since the engine began."""

    time: int
    message: Message
