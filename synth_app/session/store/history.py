"""Undo and redo of every change of the patch. One drag of the mouse is one undo step."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import lru_cache

from synth_app.handles import dimension_label
from synth_app.params import PARAMS
from synth_app.patch import Patch
from synth_app.patch.target import Target
from synth_app.session.state.changes import PatchChanged, PresetChanged, VersionsChanged
from synth_app.session.state.state import Snapshot
from synth_app.session.store.modulation_variation import MODULATION_PARTS, changed_modulation
from synth_app.session.store.param_title import param_title
from synth_app.session.store.store import SessionStore

MAX_STEPS = 300
BURST_S = 0.8  # a longer pause separates two turns of the mouse wheel or of a hardware knob
_SPLIT_FIELDS = ("params", "offset", "modulation")  # fields of a patch whose parts have names
_DERIVED_FIELDS = ("pad_grid", "handle_curves")
_WHOLE_FIELDS = tuple(field.name for field in fields(Patch) if field.name not in (*_SPLIT_FIELDS, *_DERIVED_FIELDS))
_NAMED_FIELDS = {*_WHOLE_FIELDS, "pad"} - {"model", "offset_db"}  # the label of each is its own name
_MAX_NAMED_PARTS = 3  # in the label of an undo step


@dataclass(frozen=True)
class UndoStep:
    """One undo step.

    Attributes:
        parts: what changed, as keys of ``changed_parts``.
        label: for the menu, e.g. ``Brightness``.
        before, after: the whole state; of the patches, the ``settings``.
        at_s: time of its last change.
        press: number of the mouse press that it belongs to; 0 for none.
        named: whether the label was given; a change with another label is then a separate step.
        grows: whether a later change with the same label may join it.
    """

    parts: frozenset[str]
    label: str
    before: Snapshot
    after: Snapshot
    at_s: float
    press: int
    named: bool
    grows: bool = False


class History:
    """Records the store's changes as undo steps.

    Changes while the mouse is held are one step. Other changes join the step before if they concern the same part and
    follow within ``BURST_S``.

    Args:
        store: whose changes are recorded.
        go: sets a snapshot, at once or after loading its model.
        clock_s: returns seconds from any origin.
    """

    def __init__(
        self, store: SessionStore, go: Callable[[Snapshot], None], clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._store, self._go, self._clock_s = store, go, clock_s
        self._done: deque[UndoStep] = deque(maxlen=MAX_STEPS)
        self._undone: list[UndoStep] = []
        self._preset, self._pad, self._versions = store.state.preset, store.state.pad, store.state.versions
        self._label, self._grows = "", False  # of the next undo step
        self._pressed, self._presses = False, 0
        self._sealed = True  # no change joins the last step
        self._target: tuple[Patch, Callable[[], None]] | None = None  # state to reach, perhaps after loading a model
        self._trial: tuple[str, Snapshot] | None = None  # label of what is tried out, and the state before it
        self._trying = False  # the present changes are those of the trial
        self._watchers: list[Callable[[], None]] = []
        self._unsubscribe = [
            store.subscribe(PatchChanged, self._handle_patch),
            store.subscribe(PresetChanged, self._handle_preset),
            store.subscribe(VersionsChanged, lambda _: self._handle_versions()),
        ]

    # ---- reading

    @property
    def undo_label(self) -> str:
        """Label of the step that ``undo`` reverts, "" if there is none."""
        if self._trial is not None:
            return self._trial[0]
        return self._done[-1].label if self._done else ""

    @property
    def redo_label(self) -> str:
        """Label of the step that ``redo`` repeats, "" if there is none."""
        return self._undone[-1].label if self._undone else ""

    @property
    def trying(self) -> bool:
        """Whether a sound is tried out that is no undo step yet."""
        return self._trial is not None

    @property
    def steps(self) -> tuple[UndoStep, ...]:
        """The steps that can be undone, oldest first."""
        return tuple(self._done)

    def watch(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` whenever the labels may have changed."""
        self._watchers.append(callback)

    # ---- grouping changes into steps

    def press(self, *, again: bool = False) -> None:
        """Begin one step at a press of a mouse button; it holds all changes until ``release``.

        Args:
            again: whether it is the second press of a double-click, whose changes join those of the first.
        """
        self._pressed, self._presses = True, self._presses + (0 if again else 1)

    def release(self) -> None:
        """End the step that ``press`` began."""
        if self._pressed:
            self._pressed, self._sealed = False, True

    @contextmanager
    def step(self, label: str, *, grows: bool = False) -> Iterator[None]:
        """Make the changes inside one step with that label. With ``grows``, later calls in a drag or burst join it."""
        self._label, self._grows = label, grows
        try:
            yield
        finally:
            self._label, self._grows = "", False

    def name_next(self, label: str) -> None:
        """Set the label of the next change, whenever it comes; "" cancels."""
        self._label = label

    # ---- sounds that are tried out

    @contextmanager
    def trial(self, label: str) -> Iterator[None]:
        """Try the changes inside out. They become one step, with that label, once they are kept.

        Any other change keeps them first, and so does ``undo``. A later trial takes the place of this one.
        """
        earlier = self._trial
        self._trial, self._trying = (label, earlier[1] if earlier else self._present()), True
        try:
            yield
        except BaseException:
            self._trial = earlier
            raise
        finally:
            self._trying = False
            self._tell()

    def keep_trial(self) -> None:
        """Make one step of what is tried out; does nothing if nothing is."""
        self._keep(self._present())
        self._tell()

    def forget_trial(self) -> None:
        """End the trial without a step, after its caller has brought the state before it back."""
        self._trial = None
        self._tell()

    # ---- undo and redo

    def undo(self) -> None:
        """Revert the last step, or what is tried out."""
        self._keep(self._present())
        if self._done and self._target is None:
            step = self._done[-1]
            self._go_to(step.before, lambda: self._undone.append(self._done.pop()))

    def redo(self) -> None:
        """Repeat the step that was reverted last."""
        self._keep(self._present())
        if self._undone and self._target is None:
            step = self._undone[-1]
            self._go_to(step.after, lambda: self._done.append(self._undone.pop()))

    def cancel(self) -> None:
        """Stay at the present state, because the model of an undo or redo could not be loaded."""
        self._target, self._label = None, ""

    def close(self) -> None:
        """End the subscriptions to the store."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    # ---- internal

    def _go_to(self, snapshot: Snapshot, arrived: Callable[[], None]) -> None:
        self._target = (snapshot.patch.settings, arrived)
        try:
            self._go(snapshot)
        except BaseException:
            self._target = None
            raise
        if self._target is not None and self._target[0] == self._store.patch.settings:  # no change
            self._target = None
            arrived()

    def _handle_preset(self, change: PresetChanged) -> None:
        self._preset = change.preset

    def _handle_patch(self, change: PatchChanged) -> None:
        solved = change.before.handle_curves != change.after.handle_curves
        if solved and change.before.settings == change.after.settings:
            return  # curves that were solved in the meantime, perhaps while an undo loads a model
        before, after = self._pass(change.before, change.after)
        if before.patch == after.patch and before == after:
            return  # only derived data has changed
        if self._trying:
            return
        if changed_parts(before, after):
            self._keep(before)
        target, self._target = self._target, None
        if target is not None and target[0] == after.patch:
            self._sealed = True
            target[1]()
        elif change.before.model:  # the first model that loads begins the history
            self._record(before, after)
        self._tell()

    def _handle_versions(self) -> None:
        """Record a switch between versions with the same patch, or a copy of one to the other."""
        patch, known = self._store.patch, self._versions == self._store.state.versions
        before, after = self._pass(patch, patch)
        if not known and self._target is None and not self._trying:
            self._keep(before)
            self._record(before, after)
            self._tell()

    def _tell(self) -> None:
        for watcher in self._watchers:
            watcher()

    def _present(self) -> Snapshot:
        return Snapshot(self._store.patch.settings, self._preset, self._pad, self._versions)

    def _keep(self, now: Snapshot) -> None:
        """Record what is tried out, up to ``now``; the label of the next step stays."""
        trial, self._trial = self._trial, None
        if trial is not None:
            following = self._label, self._grows
            self._label, self._grows = trial[0], False
            self._record(trial[1], now)
            self._label, self._grows = following

    def _pass(self, before: Patch, after: Patch) -> tuple[Snapshot, Snapshot]:
        """Return the states before and after a change; corners chosen since the last step belong to it."""
        state = self._store.state
        old = Snapshot(before.settings, self._preset, self._pad, self._versions)
        self._preset, self._pad, self._versions = state.preset, state.pad, state.versions
        return old, Snapshot(after.settings, state.preset, state.pad, state.versions)

    def _record(self, before: Snapshot, after: Snapshot) -> None:
        press = self._presses if self._pressed else 0
        parts, now = changed_parts(before, after), self._clock_s()
        if not parts:
            return  # new positions of the map, which the user did not change
        label, self._label = self._label, ""
        step = UndoStep(parts, label or self._name(parts), before, after, now, press, bool(label), self._grows)
        self._undone.clear()
        if self._done and self._joins(step, self._done[-1]):
            self._done[-1] = self._joined(self._done[-1], step)
        elif len(self._done) > 1 and not (self._sealed or self._done[-1].named) and self._joins(step, self._done[-2]):
            last = self._done.pop()  # two knobs turned at once: their steps alternate and become one
            self._done[-1] = self._joined(self._joined(self._done[-1], last), step)
        else:
            self._done.append(step)
        if not changed_parts(self._done[-1].before, self._done[-1].after):
            self._done.pop()  # moved there and back
        self._sealed = False

    def _joins(self, step: UndoStep, last: UndoStep) -> bool:
        if (step.named or last.named) and not (step.grows and last.grows and step.label == last.label):
            return False
        if step.press or last.press:
            return step.press == last.press
        same_part = step.named or (step.parts <= last.parts and "model" not in step.parts)
        return not self._sealed and same_part and step.at_s - last.at_s < BURST_S

    def _joined(self, first: UndoStep, last: UndoStep) -> UndoStep:
        parts = first.parts | last.parts
        label = first.label if first.named else self._name(parts)
        return UndoStep(parts, label, first.before, last.after, last.at_s, last.press, first.named, first.grows)

    def _name(self, parts: frozenset[str]) -> str:
        model = self._store.model
        dims = range(model.card.latent_size) if model else range(0)
        axis_names = tuple(dimension_label(model, dim) for dim in dims if model)
        return name_parts(parts, axis_names, self._store.patch.macro_names)


def changed_parts(before: Snapshot, after: Snapshot) -> frozenset[str]:
    """Return what the user changed, as names of parts.

    They are the parts of the patch; otherwise ``pad`` if only the pad changed that modulation moves over, and
    ``versions`` if only the versions changed.
    """
    parts = _changed_settings(before.patch, after.patch)
    moves_pad = after.patch.modulation.moves_pad and before.pad != after.pad
    return parts or frozenset({"pad"} if moves_pad else {"versions"} if before.versions != after.versions else ())


def _changed_settings(before: Patch, after: Patch) -> frozenset[str]:
    """Return what differs: names of fields, of parameters, of parts of the modulation, and ``z1``... for dimensions."""
    if before.model != after.model:
        return frozenset({"model"})
    parts = {name for name in _WHOLE_FIELDS if getattr(before, name) != getattr(after, name)}
    parts |= {s.name for s, x, y in zip(PARAMS, before.params, after.params, strict=True) if x != y}
    if before.modulation is not after.modulation:
        parts |= changed_modulation(before.modulation, after.modulation)
    parts |= {
        str(Target.latent(i)) for i, (x, y) in enumerate(zip(before.offset, after.offset, strict=False)) if x != y
    }
    return frozenset(parts)


@lru_cache(maxsize=64)  # a drag changes the same parts again and again
def name_parts(parts: frozenset[str], axis_names: tuple[str, ...], macro_names: tuple[str, ...]) -> str:
    """Return the label of an undo step for the menu."""
    if "model" in parts:
        return "Change of model"
    if "style_texture" in parts:
        return "Texture in slot S"
    if "user_notes" in parts and not {"slot_a", "slot_b"} & parts:
        return "Mix of notes"
    if {"slot_a", "slot_b"} <= parts:
        return "Swap of slots"
    for slot in ("a", "b"):
        if f"slot_{slot}" in parts:
            return f"Note in slot {slot.upper()}"
    names = [param_title(spec.name, macro_names) for spec in PARAMS if spec.name in parts]
    names += [name for i, name in enumerate(axis_names) if str(Target.latent(i)) in parts]
    names += [_capital(part.replace("_", " ")) for part in sorted(parts) if part in _NAMED_FIELDS]
    names += [name for part, name in MODULATION_PARTS.items() if part in parts]
    if not names:
        return "Patch"
    if len(names) > _MAX_NAMED_PARTS:
        sliders = sum(str(Target.latent(i)) in parts for i in range(len(axis_names)))
        if sliders == len(names):
            return "Handle" if "offset_db" in parts else "Latent sliders"
        return f"{len(names)} settings"
    return ", ".join(names)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
