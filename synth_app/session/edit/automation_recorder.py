"""Records what the user moves while playing, as a gesture that the engine plays back."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth_app.params import PARAMS
from synth_app.patch import AUTOMATION_RATE_HZ, MAX_AUTOMATION_S, Automation, Patch
from synth_app.session.state.automation_edit import made_of, overlaid
from synth_app.session.state.changes import ModelChanged, PatchChanged
from synth_app.session.state.pad_state import PadState
from synth_app.session.state.state import Snapshot, user_note_center
from synth_app.session.store.store import SessionStore

Floats = NDArray[np.float64]
_STEP_S = 1.0 / AUTOMATION_RATE_HZ
_FAR = 6.0e4  # half precision ends a little above


@contextmanager
def _unnamed(_label: str) -> Iterator[None]:
    yield


class AutomationRecorder:
    """Waits for a key, then notes every move; at the end the controls go back to where they stood before it.

    A gesture that plays is recorded over: what is moved is added to it, at the place where it is just then. Else a
    new one replaces it. Notes chosen on the map or between corners are kept as what they do to the sustained code.

    Args:
        store: whose sound is recorded.
        step: makes what happens inside one step of the history, by name.
        clock_s: seconds, from anywhere.

    Attributes:
        armed: whether it records, or will with the next key.
    """

    def __init__(
        self,
        store: SessionStore,
        step: Callable[[str], AbstractContextManager[None]] = _unnamed,
        clock_s: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._store, self._step, self._clock_s = store, step, clock_s
        self.armed = False
        self._keys = False
        self._phrase_s = clock_s()  # when the present phrase began
        self._phrases: list[tuple[float, float]] = []  # while recording: when, and the place in seconds from there on
        self._base: tuple[Patch, PadState] | None = None
        self._moved: list[tuple[float, dict[str, float]]] = []
        self._ends = [
            store.subscribe(PatchChanged, lambda change: self._note(change.after)),
            store.subscribe(ModelChanged, lambda _: self.cancel()),
        ]

    # ---- reading

    @property
    def recording(self) -> bool:
        """Whether time runs."""
        return self._base is not None

    @property
    def over(self) -> Automation | None:
        """The gesture that is recorded over; None for a new one."""
        moves = self._base[0].gesture if self._base else self._store.patch.gesture
        return moves if moves is not None and moves.playing else None

    @property
    def elapsed_s(self) -> float:
        """Seconds recorded so far."""
        return self._clock_s() - self._phrases[0][0] if self._phrases else 0.0

    def place_s(self) -> float | None:
        """Where the sound's gesture plays now, as far as the window knows; None while it does not."""
        moves = self._store.patch.gesture
        if moves is None or not moves.playing or not self._keys:
            return None
        at = self._clock_s() - self._phrase_s
        return at % moves.seconds if moves.looping else min(at, moves.seconds)

    # ---- doing

    def keys_held(self, held: bool) -> None:
        """Be told whether any key is down: the first one of a phrase starts the clock."""
        began, self._keys = held and not self._keys, held
        if not began:
            return
        self._phrase_s = self._clock_s()
        if self.recording and self.over is not None and self.over.with_keys:
            self._phrases.append((self._phrase_s, 0.0))
        elif self.armed and not self.recording:
            self._begin()

    def arm(self) -> None:
        """Record from the next key on, or from now on where one is held."""
        self.armed = True
        if self._keys:
            self._begin()

    def cancel(self) -> None:
        """Record no more and keep nothing; the sound stays as it is."""
        self.armed, self._base = False, None
        self._moved, self._phrases = [], []

    def finish(self) -> bool:
        """End the recording; whether anything had been moved, so that there is a gesture now."""
        if self._base is None:
            self.cancel()
            return False
        (patch, field), over, moved = self._base, self.over, self._moved
        end_s = min(self._clock_s(), self._phrases[0][0] + MAX_AUTOMATION_S)
        phrases = self._phrases
        self.cancel()
        targets = {target for _, deviations in moved for target in deviations}
        if over is not None:
            layer = {target: _folded(_track(moved, target), phrases, end_s, over) for target in targets}
            moves = overlaid(over, layer)
        else:
            times = np.arange(phrases[0][0], max(end_s, phrases[0][0] + 5 * _STEP_S), _STEP_S)
            moves = made_of({target: _at(_track(moved, target), times) for target in targets})
        if not targets or moves is None:
            return False
        with self._step("Gesture"):
            self._store.put(Snapshot(replace(patch, gesture=moves), self._store.state.preset, field))
        return True

    def close(self) -> None:
        """Listen to the store no more."""
        for end in self._ends:
            end()

    # ---- inside

    def _begin(self) -> None:
        now = self._clock_s()
        over = self.over
        self._base = self._store.patch, self._store.state.field
        place = 0.0 if over is None else (now - self._phrase_s) % over.seconds
        self._phrases, self._moved = [(now, place)], []

    def _note(self, patch: Patch) -> None:
        if self._base is not None:
            self._moved.append((self._clock_s(), self._deviations(self._base[0], patch)))

    def _deviations(self, base: Patch, now: Patch) -> dict[str, float]:
        """How far each moved control is from where it stood."""
        found = {
            spec.name: spec.to_normalized(value) - spec.to_normalized(before)
            for spec, value, before in zip(PARAMS, now.params, base.params, strict=True)
            if value != before
        }
        way = np.asarray(now.offset) - np.asarray(base.offset)
        if (base.slot_a, base.slot_b, base.custom) != (now.slot_a, now.slot_b, now.custom):
            way = way + self._center(now, now.value("morph")) - self._center(base, now.value("morph"))
        way = np.clip(way, -_FAR, _FAR)
        return found | {f"z{dim + 1}": float(way[dim]) for dim in np.flatnonzero(way)}

    def _center(self, patch: Patch, morph: float) -> Floats:
        """Where the sliders rest: the centre of what is in the slots."""
        a, b = (
            self._store.note_centers[slot] if own is None else user_note_center(own)
            for slot, own in zip((patch.slot_a, patch.slot_b), patch.custom, strict=True)
        )
        center: Floats = (1.0 - morph) * a + morph * b
        return center


def _track(moved: list[tuple[float, dict[str, float]]], target: str) -> tuple[Floats, Floats]:
    """When a control moved, and where it was then; it stands still between two moves that are far apart."""
    times, values = [-np.inf], [0.0]
    for at_s, deviations in moved:
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
    """A control's track laid onto the gesture it was recorded over, the latest pass on top."""
    layer = np.zeros(over.frames)
    ends = [at_s for at_s, _ in phrases[1:]] + [end_s]
    for (at_s, place_s), until_s in zip(phrases, ends, strict=True):
        count = max(int((until_s - at_s) * AUTOMATION_RATE_HZ), 1)
        frames = round(place_s * AUTOMATION_RATE_HZ) + np.arange(count)
        values = _at(track, np.float64(at_s) + np.arange(count) * np.float64(_STEP_S))
        if not over.looping:
            kept = frames < over.frames
            frames, values = frames[kept], values[kept]
        layer[frames % over.frames] = values  # of several values for a frame numpy keeps the last
    return layer
