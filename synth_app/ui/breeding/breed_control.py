"""Breeds variations of the present sound in the sound worker, lets them be heard, and picks one."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from synth_app.export.sounds.tasks import Bred, BreedPatch, Failed, SoundAnswer
from synth_app.patch import Patch
from synth_app.session import ModelChanged, PatchChanged
from synth_app.session.breeding.breed import BreedRequest, Variation
from synth_app.session.breeding.trail import Generation, Trail
from synth_app.session.state.state import Snapshot
from synth_app.ui.ports.actions import try_action
from synth_app.ui.ports.shell import Messages
from synth_app.ui.presets.audition_control import AuditionControl
from synth_app.ui.presets.preset_state import PresetState
from synth_app.ui.sounds.sound_jobs import SoundJobs

USUAL_STEP = 0.4
_SETTLE_MS = 250  # after the last move of the step


class BreedControl(QObject):
    """The breeding of one window. It begins with ``enter``.

    Signals:
        changed: other variations, another one is heard, the trail, or the problem.

    Args:
        state: of the presets and the session.
        auditions: lets variations be heard.
        jobs: of the sound worker.
        messages: shows problems.
        seed: of the variations; None for a random one.

    Attributes:
        trail: the generations.
        step: 0-1, how far variations are from their parent.
        busy: whether variations are being bred.
        problem: why there are none, for the user; "" otherwise.
    """

    changed = Signal()

    def __init__(
        self, state: PresetState, auditions: AuditionControl, jobs: SoundJobs, messages: Messages,
        seed: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__(messages.as_widget())
        self._state, self._store, self._auditions, self._messages = state, state.store, auditions, messages
        self._jobs, self._rng = jobs, np.random.default_rng(seed)
        self._latest: BreedRequest | None = None  # whose variations are awaited
        self._asked: BreedRequest | None = None  # that the worker has
        self._open = self._closed = False
        self._going = False  # a change of the patch that the trail knows of
        self.trail, self.step, self.busy, self.problem = Trail(), USUAL_STEP, False, ""
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self.again)
        self._ends = [
            self._store.subscribe(PatchChanged, self._follow),
            self._store.subscribe(ModelChanged, lambda _: self._forget()),
        ]

    # ---- reading

    @property
    def generation(self) -> Generation | None:
        """The generation whose variations are heard; None before the first one."""
        return self.trail.present

    @property
    def heard(self) -> int | None:
        """Which variation sounds, counted from 0; None for another sound."""
        return self.trail.which(self._store.patch)

    @property
    def parent_sounds(self) -> bool:
        """Whether the present sound is the parent of the variations."""
        present = self.generation
        return present is not None and present.parent == self._store.patch.settings

    # ---- actions

    def enter(self) -> None:
        """Begin with the present sound, or go on where the trail knows it."""
        if self._open:  # the window was built again
            return
        self._open = True
        known = self.trail.index_of(self._store.patch)
        if known is None:
            self.trail = Trail()
            self.again()
        else:
            self._go(known)
        self.changed.emit()

    def leave(self) -> None:
        """Return to the parent, or to the sound that was there before."""
        self._open = False
        self._settle.stop()
        self._known(self._auditions.leave)

    def again(self) -> None:
        """Breed other variations of the parent; of the present sound if the user has changed it meanwhile."""
        if self.heard is not None:
            self._known(self._auditions.leave)
        if self._store.model is None:
            self.problem = "No model is loaded yet: choose one first"
        elif self.trail.index_of(self._store.patch) is None:
            self._auditions.keep()
            self.trail.add(self._store.patch)
            self._request()
        else:
            self._request()
        self.changed.emit()

    def set_step(self, step: float) -> None:
        """Set how far variations are from their parent, 0-1, and breed again in a moment."""
        self.step = step
        if self._open:
            self._settle.start()

    def hear(self, which: int) -> None:
        """Let a variation be heard, counted from 0; one that sounds already plays its phrase again."""
        variation = self._variation(which)
        if variation is None:
            return
        if self.heard == which:
            self._auditions.play_present()
        else:
            self._known(lambda: self._auditions.hear_patch(variation.patch, f"Variation {which + 1}"))
        self.changed.emit()

    def hear_parent(self) -> None:
        """Let the parent be heard again, which ends the trial of a variation."""
        if self.heard is not None:
            self._known(self._auditions.leave)
        self._auditions.play_present()
        self.changed.emit()

    def pick(self, which: int | None = None) -> None:
        """Make a variation the parent of the next four, as one undo step; the one that is heard for None."""
        which = self.heard if which is None else which
        if which is None or self._variation(which) is None:
            self._messages.show_message("Press 1, 2, 3 or 4 to hear a variation, then pick it")
            return
        if self.heard != which:
            self.hear(which)
        if self.heard == which:
            self._auditions.keep()
            self.trail.pick(which)
            self._request()
            self.changed.emit()

    def go_back(self, index: int) -> None:
        """Return to a generation of the trail, counted from 0: its parent sounds, and its variations are the ones."""
        if not 0 <= index < len(self.trail.generations):
            return
        self._known(self._auditions.leave)
        parent = self._go(index)
        if parent != self._store.patch.settings:
            self._known(lambda: self._set(parent, f"Generation {index}" if index else "Start"))
        if self.trail.generations[index].variations:
            self._auditions.play_present()
        self.changed.emit()

    def close(self) -> None:
        """Stop; what is being bred is not used."""
        self._closed = True
        self._settle.stop()
        for end in self._ends:
            end()
        self._latest = None

    # ---- internal

    def _variation(self, which: int) -> Variation | None:
        present = self.generation
        return present.variations[which] if present is not None and which < len(present.variations) else None

    def _go(self, index: int) -> Patch:
        """Go to a generation, end what is bred for another one, and return its parent."""
        parent = self.trail.go(index)
        self._latest, self.busy, self.problem = None, False, ""
        if not self.trail.generations[index].variations:
            self._request()
        return parent

    def _set(self, patch: Patch, label: str) -> None:
        service = self._state.service
        with service.history.step(label):
            try_action(self._messages, lambda: self._store.set_snapshot(Snapshot(patch, self._state.current)))

    def _known(self, act: Callable[[], object]) -> None:
        """Change the patch in a way that the trail knows of."""
        self._going = True
        try:
            act()
        finally:
            self._going = False

    def _request(self) -> None:
        """Breed from the parent of the present generation."""
        present, model = self.generation, self._store.model
        if present is None or model is None or self._closed:
            return
        state = self._store.state
        seed = int(self._rng.integers(2**32))
        parent = state.patch if state.patch.settings == present.parent else present.parent
        self._latest = BreedRequest(parent, self.step, seed, dict(state.locks), state.pinned)
        self.trail.show(())
        self.busy, self.problem = True, ""
        if self._asked is None:  # otherwise it is asked after the answer: only the latest request waits
            self._ask(self._latest)

    def _ask(self, request: BreedRequest) -> None:
        self._asked = request
        self._jobs.ask(lambda number: BreedPatch(number, request), self._take)

    def _take(self, answer: SoundAnswer) -> None:
        answered, self._asked = self._asked, None
        if self._latest is None:
            return
        if answered is not self._latest:
            self._ask(self._latest)
            return
        self._latest, self.busy = None, False
        match answer:
            case Bred(variations=variations):
                self.trail.show(variations)
            case Failed(problem=problem):
                self.problem = problem
        self.changed.emit()

    def _follow(self, change: PatchChanged) -> None:
        """Follow undo and redo along the trail; tell when the user changes the sound."""
        if self._going or not self._open or change.before.settings == change.after.settings:
            return
        known = self.trail.index_of(change.after)
        if known is not None and known != self.trail.at:
            self._go(known)
        self.changed.emit()

    def _forget(self) -> None:
        """Forget the trail, which belongs to another model."""
        self._latest, self.trail, self.busy, self.problem = None, Trail(), False, ""
        if self._open:
            self.trail.begin(self._store.patch)
            self._request()
        self.changed.emit()
