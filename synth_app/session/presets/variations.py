"""Random variations of the store's patch, and the locks that limit them."""

from collections.abc import Iterable

import numpy as np

from synth_app.decoder import Model
from synth_app.session.presets.patch_variation import is_locked, lock_names, locked_by_default, mutate, randomize
from synth_app.session.state.state import Snapshot
from synth_app.session.store.history import History
from synth_app.session.store.store import SessionStore
from synth_app.support.errors import UserError


class Variations:
    """Randomizes and mutates the patch; locked parts stay unchanged.

    Args:
        store: the session's store.
        history: makes one undo step of each variation.
        seed: of the random numbers; None for a random seed.
    """

    def __init__(self, store: SessionStore, history: History, seed: int | None = None) -> None:
        self._store, self._history = store, history
        self._rng = np.random.default_rng(seed)

    def randomize(self, amount: float) -> None:
        """Move towards a random patch, all the way for an amount of 1. Raises UserError without a model."""
        with self._history.step("Randomize"):
            patch = randomize(self._store.patch, self._model(), amount, self.locks(), self._rng)
            self._store.set_snapshot(Snapshot(patch, self._store.state.preset), roaming=True)

    def mutate(self, amount: float) -> None:
        """Vary the patch a little; an amount of 0-1 sets how much. Raises UserError without a model."""
        with self._history.step("Mutate"):
            patch = mutate(self._store.patch, self._model(), amount, self.locks(), self._rng)
            self._store.set_snapshot(Snapshot(patch, self._store.state.preset), roaming=True)

    def locks(self) -> dict[str, bool]:
        """Return the locks that differ from their defaults."""
        return dict(self._store.state.locks)

    def locked(self, name: str) -> bool:
        """Return whether a part is locked."""
        return is_locked(name, self.locks())

    def set_lock(self, names: Iterable[str], *, locked: bool) -> None:
        """Lock or unlock parts, named as in ``lock_names``. Raises UserError for an unknown one."""
        locks, known = self.locks(), lock_names(max(len(self._store.ranges), 1))
        for name in names:
            if name not in known:
                raise UserError(f"nothing called {name!r} can be locked; choose one of {', '.join(known)}")
            locks.pop(name, None)
            if locked != locked_by_default(name):
                locks[name] = locked
        self._store.set_locks(locks.items())

    def _model(self) -> Model:
        if self._store.model is None:
            raise UserError("no model is loaded yet: choose one first")
        return self._store.model
