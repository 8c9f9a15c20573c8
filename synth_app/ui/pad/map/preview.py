"""A preview: the engine plays another patch for a while, and the session keeps its own."""

from collections.abc import Callable

from synth_app.patch import Patch, SetPatch
from synth_app.session import PatchChanged, SessionStore


class SoundPreview:
    """Lets the engine alone play a patch: no undo step, nothing in the session or its file.

    A change of the session's patch ends a preview, because the window sends that patch to the engine.

    While a recording runs or a sequencer plays, nothing is previewed, so that it is not disturbed.

    Args:
        store: the session.
        send: sends a message to the engine.
        performing: returns what runs that must not be disturbed, as a sentence; "" if nothing does.
    """

    def __init__(
        self, store: SessionStore, send: Callable[[SetPatch], None], performing: Callable[[], str] = str
    ) -> None:
        self._store, self._send, self._performing = store, send, performing
        self._heard: Patch | None = None
        self._unsubscribe = store.subscribe(PatchChanged, lambda _: self._forget())

    @property
    def active(self) -> bool:
        """Whether the engine plays another patch than the session's."""
        return self._heard is not None

    def hear(self, patch: Patch) -> None:
        """Play a patch of the present model, unless something runs that must not be disturbed."""
        if self._performing():
            self.end()
        elif patch != self._heard:
            self._heard = patch
            self._send(SetPatch(patch))

    def end(self) -> None:
        """Play the session's patch again."""
        if self._heard is not None:
            self._heard = None
            self._send(SetPatch(self._store.patch))

    def close(self) -> None:
        """End the preview and the subscription."""
        self.end()
        self._unsubscribe()

    def _forget(self) -> None:
        self._heard = None
