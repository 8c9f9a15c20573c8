"""MIDI control of the pad: two controllers move the cursor of the pad's present mode."""

from collections.abc import Callable, Collection

from synth_app.patch.target import PAD_X, PAD_Y
from synth_app.session.edit.midi_learn import LinkedControl, MidiLearn
from synth_app.session.edit.pad_controller import PadController
from synth_app.session.store.store import SessionStore

_MIDDLE = (0.5, 0.5)


def register_pad(
    midi_learn: MidiLearn,
    store: SessionStore,
    pad_controller: PadController,
    hidden: Callable[[], Collection[str]],
) -> None:
    """Make the pad's two targets follow its mode. ``hidden`` returns the families that the map does not show."""

    def handle(axis: int, title: str) -> LinkedControl:
        plane = midi_learn.pad_dimension(axis, title)

        def present() -> tuple[float, float]:
            place = pad_controller.map_place() if store.state.pad.mode == "map" else pad_controller.corner_place()
            return place.at if place else _MIDDLE

        def read() -> float | None:
            if not store.bank:
                return None
            return plane.read() if store.state.pad.mode == "plane" else present()[axis]

        def write(normalized: float) -> None:
            mode = store.state.pad.mode
            if mode == "plane":
                plane.write(normalized)
                return
            at = list(present())
            at[axis] = normalized
            if mode == "map":
                pad_controller.move_on_map(at[0], at[1], hidden())
            else:
                pad_controller.move_between(at[0], at[1])

        return LinkedControl(title, read, write)

    for axis, (target, title) in enumerate(((PAD_X, "Pad, horizontally"), (PAD_Y, "Pad, vertically"))):
        midi_learn.register(target, handle(axis, title))
