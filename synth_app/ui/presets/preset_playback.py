"""Loading presets: by key, previous and next, the initial patch, and the offer of a better model."""

from synth_app.session.presets.preset_service import LoadResult
from synth_app.ui.ports.shell import Messages
from synth_app.ui.presets.preset_state import PresetState


class PresetPlayback:
    """Loads presets into the session. Errors are shown, not raised."""

    def __init__(self, state: PresetState, messages: Messages) -> None:
        self._state, self._messages = state, messages

    def load(self, key: str) -> None:
        """Load a preset by its library key; offer another model if one would play it more exactly."""
        self.show_result(self._state.attempt(lambda: self._state.service.load(key)))

    def step(self, by: int) -> None:
        """Load the previous (-1) or next (1) preset of the browser's query."""
        self.show_result(self._state.attempt(lambda: self._state.service.step(by, self._state.query)))

    def init(self) -> None:
        """Load the initial patch: one note, every parameter at its default."""
        self._state.attempt(self._state.service.init)

    def show_result(self, loaded: LoadResult | None) -> None:
        """Show the remark on a preset that was loaded, and offer a better model; None shows nothing."""
        if loaded is None:
            return
        better, current = loaded.better, self._state.current
        if better is not None and better.card is not None and current is not None:
            key, path = current.key, better.path
            self._messages.offer_action(
                loaded.remark,
                f"Load {better.card.title}",
                lambda: self._state.attempt(lambda: self._state.service.load_with_model(key, path)),
            )
        if loaded.remark:  # also after an offer: the status line keeps the remark when the toast has closed
            self._messages.show_message(loaded.remark)
