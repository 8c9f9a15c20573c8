"""Undo and redo of everything that changes the sound, one step per gesture."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import lru_cache

from synth_app.params import PARAMS
from synth_app.patch import Patch
from synth_app.session.state.changes import PatchChanged, PresetChanged
from synth_app.session.state.state import Snapshot
from synth_app.session.store.modulation_variation import MODULATION_PARTS, changed_modulation
from synth_app.session.store.store import SessionStore

MAX_STEPS = 300
BURST_S = 0.8  # pause that separates two turns of the wheel or of a hardware knob
_IN_PARTS = ("params", "offset", "modulation")  # fields of a sound whose parts are named
_WHOLE = tuple(field.name for field in fields(Patch) if field.name not in _IN_PARTS)
_MANY = 3  # parts named in a step's name at most


@dataclass(frozen=True)
class UndoStep:
    """One thing that can be undone.

    Attributes:
        parts: what changed, as keys of ``changed_parts``.
        label: for the menu, e.g. ``Brightness``.
        before, after: the whole sound.
        at_s: when it last grew.
        gesture: number of the mouse press it belongs to; 0 without one.
        named: whether the label was given, so that nothing else may join it.
        grows: whether more of the same name may.
    """

    parts: frozenset[str]
    label: str
    before: Snapshot
    after: Snapshot
    at_s: float
    gesture: int
    named: bool
    grows: bool = False


class History:
    """Listens to the store. ``go`` takes the sound to a snapshot, at once or after loading its model.

    Changes while the mouse is held are one step; others join the step before if they concern the same part and
    follow within ``BURST_S``.
    """

    def __init__(
        self, store: SessionStore, go: Callable[[Snapshot], None], clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._store, self._go, self._clock_s = store, go, clock_s
        self._done: deque[UndoStep] = deque(maxlen=MAX_STEPS)
        self._undone: list[UndoStep] = []
        self._preset, self._field = store.state.preset, store.state.field
        self._label, self._grows = "", False  # of the next step
        self._pressed, self._gesture = False, 0
        self._sealed = True  # nothing joins the last step any more
        self._target: tuple[Patch, Callable[[], None]] | None = None  # on the way there, perhaps loading a model
        self._watchers: list[Callable[[], None]] = []
        self._ends = [
            store.subscribe(PatchChanged, self._changed),
            store.subscribe(PresetChanged, self._preset_changed),
        ]

    # ---- reading

    @property
    def undo_label(self) -> str:
        """Name of the step that ``undo`` takes back, "" if there is none."""
        return self._done[-1].label if self._done else ""

    @property
    def redo_label(self) -> str:
        """Name of the step that ``redo`` brings again, "" if there is none."""
        return self._undone[-1].label if self._undone else ""

    @property
    def steps(self) -> tuple[UndoStep, ...]:
        """What can be undone, oldest first."""
        return tuple(self._done)

    def watch(self, callback: Callable[[], None]) -> None:
        """Call after the labels may have changed."""
        self._watchers.append(callback)

    # ---- gestures

    def press(self) -> None:
        """A mouse button went down: what changes until it goes up is one step."""
        self._pressed, self._gesture = True, self._gesture + 1

    def release(self) -> None:
        """It went up."""
        if self._pressed:
            self._pressed, self._sealed = False, True

    @contextmanager
    def step(self, label: str, *, grows: bool = False) -> Iterator[None]:
        """What changes inside is one step of that name; with ``grows`` one for the whole gesture or burst."""
        self._label, self._grows = label, grows
        try:
            yield
        finally:
            self._label, self._grows = "", False

    def name_next(self, label: str) -> None:
        """The next change, whenever it comes, has that name; "" takes it back."""
        self._label = label

    # ---- travelling

    def undo(self) -> None:
        """Take the last step back."""
        if self._done and self._target is None:
            step = self._done[-1]
            self._normalized(step.before, lambda: self._undone.append(self._done.pop()))

    def redo(self) -> None:
        """Bring it again."""
        if self._undone and self._target is None:
            step = self._undone[-1]
            self._normalized(step.after, lambda: self._done.append(self._undone.pop()))

    def give_up(self) -> None:
        """The model that was on its way could not be loaded: stay where the sound is."""
        self._target, self._label = None, ""

    def end(self) -> None:
        """Listen no more."""
        for end in self._ends:
            end()

    # ---- inside

    def _normalized(self, snapshot: Snapshot, arrived: Callable[[], None]) -> None:
        self._target = (snapshot.patch, arrived)
        try:
            self._go(snapshot)
        except BaseException:
            self._target = None
            raise
        if self._target is not None and _heard_alike(self._store.patch, snapshot.patch):  # it sounded so already
            self._target = None
            arrived()

    def _preset_changed(self, change: PresetChanged) -> None:
        self._preset = change.preset

    def _changed(self, change: PatchChanged) -> None:
        state = self._store.state
        before, after = (
            Snapshot(change.before, self._preset, self._field),
            Snapshot(change.after, state.preset, state.field),
        )
        self._preset, self._field = state.preset, state.field  # corners chosen since the last step belong to this one
        target, self._target = self._target, None
        if target is not None and _heard_alike(target[0], change.after):
            self._sealed = True
            target[1]()
        elif change.before.model:  # the first model that loads is where the story begins
            self._record(before, after)
        for watcher in self._watchers:
            watcher()

    def _record(self, before: Snapshot, after: Snapshot) -> None:
        gesture = self._gesture if self._pressed else 0
        parts, now = changed_parts(before.patch, after.patch), self._clock_s()
        if parts == {"pad"} and before.field == after.field:
            return  # a map that came to be known, not somebody's doing
        label, self._label = self._label, ""
        step = UndoStep(parts, label or self._name(parts), before, after, now, gesture, bool(label), self._grows)
        self._undone.clear()
        if self._done and self._joins(step, self._done[-1]):
            self._done[-1] = self._joined(self._done[-1], step)
        elif len(self._done) > 1 and not self._sealed and self._joins(step, self._done[-2]):
            last = self._done.pop()  # two knobs turned at once: their steps alternate, so they become one
            self._done[-1] = self._joined(self._joined(self._done[-1], last), step)
        else:
            self._done.append(step)
        if self._done[-1].before.patch == self._done[-1].after.patch:
            self._done.pop()  # dragged there and back
        self._sealed = False

    def _joins(self, step: UndoStep, last: UndoStep) -> bool:
        if (step.named or last.named) and not (step.grows and last.grows and step.label == last.label):
            return False
        if step.gesture or last.gesture:
            return step.gesture == last.gesture
        alike = step.named or (step.parts <= last.parts and "model" not in step.parts)
        return not self._sealed and alike and step.at_s - last.at_s < BURST_S

    def _joined(self, first: UndoStep, last: UndoStep) -> UndoStep:
        parts = first.parts | last.parts
        label = first.label if first.named else self._name(parts)
        return UndoStep(parts, label, first.before, last.after, last.at_s, last.gesture, first.named, first.grows)

    def _name(self, parts: frozenset[str]) -> str:
        model = self._store.model
        return name_parts(parts, model.card.axis_names if model else ())


def _heard_alike(x: Patch, y: Patch) -> bool:
    """Whether two sounds are the same but for what lies beneath the pad, which follows from all the rest."""
    return replace(x, pad=None) == replace(y, pad=None)


def changed_parts(before: Patch, after: Patch) -> frozenset[str]:
    """What differs: names of the sound's fields, parameters, parts of the modulation, ``z1``... for dimensions."""
    if before.model != after.model:
        return frozenset({"model"})
    parts = {name for name in _WHOLE if getattr(before, name) != getattr(after, name)}
    parts |= {s.name for s, x, y in zip(PARAMS, before.params, after.params, strict=True) if x != y}
    if before.modulation is not after.modulation:
        parts |= changed_modulation(before.modulation, after.modulation)
    parts |= {f"z{i + 1}" for i, (x, y) in enumerate(zip(before.offset, after.offset, strict=False)) if x != y}
    if parts != {"pad"}:  # what lies beneath the pad follows from the others
        parts.discard("pad")
    return frozenset(parts)


@lru_cache(maxsize=64)  # one gesture changes the same parts over and over
def name_parts(parts: frozenset[str], axis_names: tuple[str, ...]) -> str:
    """A step's name for the menu."""
    if "model" in parts:
        return "Change of model"
    if "custom" in parts and not {"slot_a", "slot_b"} & parts:
        return "Mix of notes"
    if {"slot_a", "slot_b"} <= parts:
        return "Swap of slots"
    for slot in ("a", "b"):
        if f"slot_{slot}" in parts:
            return f"Note in slot {slot.upper()}"
    names = [spec.label for spec in PARAMS if spec.name in parts]
    names += [_capital(name) for i, name in enumerate(axis_names) if f"z{i + 1}" in parts]
    names += [_capital(part.replace("_", " ")) for part in sorted(parts) if part in _WHOLE and part != "model"]
    names += [name for part, name in MODULATION_PARTS.items() if part in parts]
    if not names:
        return "Sound"
    if len(names) > _MANY:
        sliders = sum(f"z{i + 1}" in parts for i in range(len(axis_names)))
        return "Latent sliders" if sliders == len(names) else f"{len(names)} settings"
    return ", ".join(names)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
