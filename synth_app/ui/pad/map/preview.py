"""A preview: the engine plays another patch for a while, and the session keeps its own."""

from collections.abc import Callable

from synth_app.patch import Patch, SetPatch
from synth_app.session import PatchChanged, SessionStore


class SoundPreview:
    """Lets the engine alone play a patch: no undo step, nothing in the session or its file.

    A change of the session's patch ends a preview, because the window sends that patch to the engine.

    Args:
        store: the session.
        send: sends a message to the engine.
    """

    def __init__(self, store: SessionStore, send: Callable[[SetPatch], None]) -> None:
        self._store, self._send = store, send
        self._heard: Patch | None = None
        self._unsubscribe = store.subscribe(PatchChanged, lambda _: self._forget())

    @property
    def active(self) -> bool:
        """Whether the engine plays another patch than the session's."""
        return self._heard is not None

    def hear(self, patch: Patch) -> None:
        """Play a patch of the present model."""
        if patch != self._heard:
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
