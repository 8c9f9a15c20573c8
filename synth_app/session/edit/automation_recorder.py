"""Records the user's moves of controls while playing, as automation that the engine plays back."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth_app.params import PARAMS
from synth_app.patch import AUTOMATION_RATE_HZ, MAX_AUTOMATION_S, Automation, Patch
from synth_app.patch.target import Target
from synth_app.session.state.automation_edit import add_layer, from_deviations
from synth_app.session.state.centers import patch_center
from synth_app.session.state.changes import HandleMoves, ModelChanged, PatchChanged
from synth_app.session.state.pad_state import PadState
from synth_app.session.state.state import Snapshot
from synth_app.session.store.store import SessionStore

Floats = NDArray[np.float64]
_STEP_S = 1.0 / AUTOMATION_RATE_HZ
_ROUNDING = 1e-6  # in latent units; less is no move of a slider
_MAX_DEVIATION = 6.0e4  # half precision ends a little above


@contextmanager
def _no_undo_step(_label: str) -> Iterator[None]:
    yield


class AutomationRecorder:
    """Records from the first key on. At the end the controls return to their values from before the recording.

    If automation plays, the recorder adds the moves to it, at its present playback position. Otherwise the recording
    replaces the automation. Notes chosen on the map or between corners are recorded as their effect on the sustained
    latent vector. Handles are recorded as steps, which another sound follows, too.

    Args:
        store: the store whose patch is recorded.
        step: makes the changes inside it one undo step of that name.
        clock_s: returns seconds from any origin.

    Attributes:
        armed: whether it records, or will record from the next key on.
    """

    def __init__(
        self,
        store: SessionStore,
        step: Callable[[str], AbstractContextManager[None]] = _no_undo_step,
        clock_s: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._store, self._step, self._clock_s = store, step, clock_s
        self.armed = False
        self._keys_held = False
        self._phrase_s = clock_s()  # start of the present phrase
        self._phrases: list[tuple[float, float]] = []  # while recording: time, and playback position in seconds then
        self._base: tuple[Patch, PadState] | None = None  # as the recording began
        self._moves: list[tuple[float, dict[str, float]]] = []  # time, and deviations by target
        self._handles: dict[int, HandleMoves] = {}  # while recording: by drag
        self._unsubscribe = [
            store.subscribe(HandleMoves, self._move_handle),
            store.subscribe(PatchChanged, lambda change: self._record(change.after)),
            store.subscribe(ModelChanged, lambda _: self.cancel()),
        ]

    # ---- reading

    @property
    def recording(self) -> bool:
        """Whether the recording has begun."""
        return self._base is not None

    @property
    def over(self) -> Automation | None:
        """The automation that is recorded over; None for a new recording."""
        automation = self._base[0].automation if self._base else self._store.patch.automation
        return automation if automation is not None and automation.playing else None

    @property
    def elapsed_s(self) -> float:
        """Seconds recorded so far."""
        return self._clock_s() - self._phrases[0][0] if self._phrases else 0.0

    def position_s(self) -> float | None:
        """Return the estimated playback position of the patch's automation; None if it does not play."""
        automation = self._store.patch.automation
        if automation is None or not automation.playing or not self._keys_held:
            return None
        at = self._clock_s() - self._phrase_s
        return at % automation.seconds if automation.looping else min(at, automation.seconds)

    # ---- control

    def keys_held(self, held: bool) -> None:
        """Set whether any key is down. The first key of a phrase starts the clock."""
        began, self._keys_held = held and not self._keys_held, held
        if not began:
            return
        self._phrase_s = self._clock_s()
        if self.recording and self.over is not None and self.over.with_keys:
            self._phrases.append((self._phrase_s, 0.0))
        elif self.armed and not self.recording:
            self._begin()

    def arm(self) -> None:
        """Record from the next key on; at once if a key is held."""
        self.armed = True
        if self._keys_held:
            self._begin()

    def cancel(self) -> None:
        """Stop and discard the recording. The patch does not change."""
        self.armed, self._base = False, None
        self._moves, self._phrases, self._handles = [], [], {}

    def finish(self) -> bool:
        """End the recording and set the automation. Returns whether anything was moved."""
        if self._base is None:
            self.cancel()
            return False
        (patch, pad), over, moves = self._base, self.over, self._moves
        end_s = min(self._clock_s(), self._phrases[0][0] + MAX_AUTOMATION_S)
        phrases = self._phrases
        self.cancel()
        targets = sorted({target for _, deviations in moves for target in deviations})  # files do not depend on hashes
        if over is not None:
            layer = {target: _folded(_track(moves, target), phrases, end_s, over) for target in targets}
            automation = add_layer(over, layer)
        else:
            times = np.arange(phrases[0][0], max(end_s, phrases[0][0] + 5 * _STEP_S), _STEP_S)
            automation = from_deviations({target: _at(_track(moves, target), times) for target in targets})
        if not targets or automation is None:
            return False
        with self._step("Automation"):
            self._store.set_snapshot(Snapshot(replace(patch, automation=automation), self._store.state.preset, pad))
        return True

    def close(self) -> None:
        """End the subscriptions to the store."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    # ---- internal

    def _begin(self) -> None:
        now = self._clock_s()
        over = self.over
        self._base = self._store.patch, self._store.state.pad
        position_s = 0.0 if over is None else (now - self._phrase_s) % over.seconds
        self._phrases, self._moves = [(now, position_s)], []

    def _move_handle(self, moves: HandleMoves) -> None:
        if self._base is not None:
            self._handles[moves.drag] = moves

    def _record(self, patch: Patch) -> None:
        if not any(patch.offset):
            self._handles = {}  # another note or a reset has undone them
        if self._base is not None:
            self._moves.append((self._clock_s(), self._deviations(self._base[0], patch)))

    def _deviations(self, base: Patch, now: Patch) -> dict[str, float]:
        """Return, by target, the deviation of each moved control from its value before the recording."""
        deviations = {
            spec.name: spec.to_normalized(value) - spec.to_normalized(before)
            for spec, value, before in zip(PARAMS, now.params, base.params, strict=True)
            if value != before
        }
        moved = np.asarray(now.offset) - np.asarray(base.offset)
        model = self._store.model
        slots, base_slots = ((each.slot_a, each.slot_b, each.user_notes) for each in (now, base))
        if slots != base_slots and model is not None:
            morph = now.value("morph")
            moved = moved + patch_center(now, model, morph) - patch_center(base, model, morph)
        for each in self._handles.values():
            deviations[each.target] = deviations.get(each.target, 0.0) + each.steps
            moved = moved - np.asarray(each.offset)
        moved = np.where(np.abs(moved) > _ROUNDING, np.clip(moved, -_MAX_DEVIATION, _MAX_DEVIATION), 0.0)
        return deviations | {str(Target.latent(int(dim))): float(moved[dim]) for dim in np.flatnonzero(moved)}


def _track(moves: list[tuple[float, dict[str, float]]], target: str) -> tuple[Floats, Floats]:
    """Return the times and values of a control's moves. The control stays still between two moves far apart."""
    times, values = [-np.inf], [0.0]
    for at_s, deviations in moves:
        value = deviations.get(target, 0.0)
        if value == values[-1]:
            continue
        if at_s - times[-1] > _STEP_S:
            times.append(at_s - _STEP_S)
            values.append(values[-1])
        times.append(at_s)
        values.append(value)
    return np.array(times[1:]), np.array(values[1:])


def _at(track: tuple[Floats, Floats], times: Floats) -> Floats:
    return np.interp(times, *track, left=0.0)


def _folded(track: tuple[Floats, Floats], phrases: list[tuple[float, float]], end_s: float, over: Automation) -> Floats:
    """Return a control's track on the frames of the automation it is recorded over. The latest pass wins."""
    layer = np.zeros(over.frames)
    ends = [at_s for at_s, _ in phrases[1:]] + [end_s]
    for (at_s, position_s), until_s in zip(phrases, ends, strict=True):
        count = max(int((until_s - at_s) * AUTOMATION_RATE_HZ), 1)
        frames = round(position_s * AUTOMATION_RATE_HZ) + np.arange(count)
        values = _at(track, np.float64(at_s) + np.arange(count) * np.float64(_STEP_S))
        if not over.looping:
            kept = frames < over.frames
            frames, values = frames[kept], values[kept]
        layer[frames % over.frames] = values  # numpy keeps the last of several values for one frame
    return layer
