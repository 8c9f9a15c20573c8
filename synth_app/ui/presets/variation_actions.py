"""Variations of the patch: versions 1 and 2, randomize, mutate, locks, and the morph between two presets."""

from collections.abc import Iterable

from synth_app.ui.ports.shell import Messages
from synth_app.ui.presets.preset_state import PresetState


class VariationActions:
    """Varies the patch. Errors are shown, not raised."""

    def __init__(self, state: PresetState, messages: Messages) -> None:
        self._state, self._messages = state, messages

    def switch_version(self) -> None:
        """Switch between versions 1 and 2 of the patch."""
        self._state.attempt(self._state.service.versions.switch)

    def copy_version(self) -> None:
        """Replace the other version by a copy of the current one."""
        versions = self._state.service.versions
        versions.copy()
        self._messages.show_message(f"Version {versions.name} copied to version {versions.other}")

    def randomize(self, amount: float) -> None:
        """Move towards a random patch; ``amount`` 0-1 is how far."""
        self._state.attempt(lambda: self._state.service.variations.randomize(amount))

    def mutate(self, amount: float) -> None:
        """Change the patch slightly; a larger ``amount`` 0-1 changes more."""
        self._state.attempt(lambda: self._state.service.variations.mutate(amount))

    def set_lock(self, names: Iterable[str], *, locked: bool) -> None:
        """Lock or unlock parts of the patch against ``randomize`` and ``mutate``."""
        self._state.attempt(lambda: self._state.service.variations.set_lock(names, locked=locked))

    def begin_morph(self, start: str, end: str) -> bool:
        """Choose the two presets to morph between, by key; returns whether both can be played."""
        self._state.attempt(lambda: self._state.service.morph.begin(start, end))
        return self._state.service.morph.active

    def set_morph(self, fraction: float) -> None:
        """Move between the two presets: 0 is the first, 1 the second."""
        self._state.attempt(lambda: self._state.service.morph.set(fraction))
