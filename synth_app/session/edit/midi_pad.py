"""The pad under two controllers: they move the cursor of whichever mode it is in."""

from collections.abc import Callable, Collection

from synth_app.session.edit.midi_learn import PAD_X, PAD_Y, Handle, MidiLearn
from synth_app.session.edit.pad_controller import PadController
from synth_app.session.store.store import SessionStore

_MIDDLE = (0.5, 0.5)


def offer_pad(
    desk: MidiLearn, store: SessionStore, timbre: PadController, hidden: Callable[[], Collection[str]]
) -> None:
    """Let the pad's two targets follow its mode; ``hidden`` tells which families the map does not show."""

    def handle(axis: int, title: str) -> Handle:
        plane = desk.pad_dimension(axis, title)

        def read() -> float | None:
            if not store.bank:
                return None
            field = store.state.field
            if field.mode == "plane":
                return plane.read()
            at = field.map_at or _MIDDLE if field.mode == "map" else field.morph_at
            return at[axis]

        def write(normalized: float) -> None:
            field = store.state.field
            if field.mode == "plane":
                plane.write(normalized)
                return
            at = list(field.map_at or _MIDDLE if field.mode == "map" else field.morph_at)
            at[axis] = normalized
            if field.mode == "map":
                timbre.move_on_map(at[0], at[1], hidden())
            else:
                timbre.move_between(at[0], at[1])

        return Handle(title, read, write)

    for axis, (target, title) in enumerate(((PAD_X, "Pad, horizontally"), (PAD_Y, "Pad, vertically"))):
        desk.offer(target, handle(axis, title))
