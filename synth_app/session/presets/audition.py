"""Tries sounds out: the sound before comes back exactly unless one is kept."""

from dataclasses import fields, replace

from synth_app.session.state.pad_state import PadState
from synth_app.session.state.state import SessionState, Snapshot
from synth_app.session.store.history import History
from synth_app.session.store.store import SessionStore


class Audition:
    """Sets sounds that are only tried out. A change by the user, such as a move of a slider, keeps the present one.

    What the user sets meanwhile without a change of the sound, such as a corner or the mode of the pad, stays in any
    case.

    Args:
        store: the session's store.
        history: makes one undo step of a sound that is kept.
    """

    def __init__(self, store: SessionStore, history: History) -> None:
        self._store, self._history = store, history
        self._earlier: SessionState | None = None
        self._heard_pad = store.state.pad  # as the sound that is tried out has set it

    @property
    def active(self) -> bool:
        """Whether a sound is tried out, so that ``cancel`` brings another one back."""
        return self._earlier is not None and self._history.trying

    @property
    def earlier(self) -> SessionState:
        """The state that ``cancel`` brings back: the present one if nothing is tried out."""
        present, earlier = self._store.state, self._earlier
        if earlier is None or not self._history.trying:
            return present
        pad = _with_changes(earlier.pad, self._heard_pad, present.pad)
        return replace(present, patch=earlier.patch, preset=earlier.preset, pad=pad, versions=earlier.versions)

    def hear(self, snapshot: Snapshot, label: str) -> None:
        """Play a sound in the place of the one before.

        Args:
            snapshot: the sound, in the loaded model.
            label: of the undo step, if it is kept.

        Raises:
            UserError: the sound belongs to another model; the present one stays.
        """
        earlier = self.earlier
        with self._history.trial(label):
            self._store.set_snapshot(snapshot)
        self._earlier, self._heard_pad = earlier, self._store.state.pad

    def keep(self) -> None:
        """Make one undo step of the sound that is tried out; does nothing without one."""
        self._earlier = None
        self._history.keep_trial()

    def cancel(self) -> None:
        """Bring the sound back that played before the first one was tried out; does nothing without one."""
        earlier, active = self.earlier, self.active
        self._earlier = None
        if not active:
            return
        with self._history.trial(""):
            self._store.apply(earlier, roaming=False)
        self._history.forget_trial()


def _with_changes(pad: PadState, before: PadState, after: PadState) -> PadState:
    """Return a pad with what differs between two others; each corner is a part of its own."""
    names = [field.name for field in fields(PadState) if getattr(before, field.name) != getattr(after, field.name)]
    changed = replace(pad, **{name: getattr(after, name) for name in names})
    a, b, c, d = (
        own if old == new else new for own, old, new in zip(pad.corners, before.corners, after.corners, strict=True)
    )
    return replace(changed, corners=(a, b, c, d))
