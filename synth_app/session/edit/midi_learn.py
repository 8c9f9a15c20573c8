"""The MIDI side of the session: which inputs are played, which controller moves which control, and soft takeover."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from synth_app.midi import ControllerMoved, MidiSettings
from synth_app.midi.names import NAMES
from synth_app.params import PARAMS, ParamSpec
from synth_app.session.state.midi_saved import SavedBinding, SavedMidi
from synth_app.session.store.store import SessionStore

PAD_X, PAD_Y = "pad x", "pad y"
_NEAR = 1.5 / 127  # a controller this near to the value has picked it up
_OURS = 1e-6  # the value is where the controller put it, but for rounding


class ControllerId(NamedTuple):
    """A controller on the desk: channel 0-15, number 0-119."""

    channel: int
    number: int

    @property
    def title(self) -> str:
        """As devices count, with the name that the standard gives it."""
        name = f" ({NAMES[self.number]})" if self.number in NAMES else ""
        return f"CC {self.number}{name}, channel {self.channel + 1}"


@dataclass(frozen=True)
class Handle:
    """What a controller takes hold of.

    Attributes:
        title: what the window calls it.
        read: where it stands, 0-1; None where the present model has no such thing.
        write: put it there.
    """

    title: str
    read: Callable[[], float | None]
    write: Callable[[float], None]


class _Pickup:
    """How a controller stands to its control.

    Attributes:
        came: where the controller was last, 0-1.
        put: where it has put the control, None while it has not reached it.
    """

    def __init__(self) -> None:
        self.came: float | None = None
        self.put: float | None = None

    def takes(self, normalized: float, now: float) -> bool:
        """Whether the controller, now at ``normalized``, moves a control that stands at ``now``.

        It must have reached or crossed it once; a control that was moved by something else must be reached again.
        """
        before, self.came = self.came, normalized
        if self.put is not None and abs(now - self.put) <= _OURS:
            return True
        self.put = None
        return abs(normalized - now) <= _NEAR or (before is not None and (before - now) * (normalized - now) <= 0.0)


class MidiLearn:
    """Settings and learned controllers; belongs to the thread of the store, which it moves.

    A target is the name of a parameter, "z1" for the first latent dimension and so on, or ``PAD_X`` and ``PAD_Y`` for
    the pad; others are offered by who has them. Each has one controller at most; one controller may move several.
    """

    def __init__(self, store: SessionStore, saved: SavedMidi | None = None) -> None:
        saved = saved or SavedMidi()
        self._store = store
        self._observers: list[Callable[[], None]] = []
        self._settings = saved.settings()
        self._learned = {each.target: ControllerId(each.channel, each.number) for each in saved.learned}
        self._pickups: dict[str, _Pickup] = {}
        self._armed: str | None = None
        self._handles: dict[str, Handle] = {spec.name: self._param_handle(spec) for spec in PARAMS}
        self._handles[PAD_X] = self.pad_dimension(0, "Pad, horizontally")
        self._handles[PAD_Y] = self.pad_dimension(1, "Pad, vertically")

    # ---- reading

    @property
    def settings(self) -> MidiSettings:
        """Which inputs are played."""
        return self._settings

    @property
    def learned(self) -> dict[str, ControllerId]:
        """Controller by target."""
        return dict(self._learned)

    @property
    def armed(self) -> str | None:
        """The target that waits for its controller."""
        return self._armed

    def handle(self, target: str) -> Handle | None:
        """What a target is; None while nothing of that name is there."""
        found = self._handles.get(target)
        if found is None and (dim := _dimension(target)) is not None and dim < len(self._store.ranges):
            found = self._latent_handle(dim)
        return found

    def title(self, target: str) -> str:
        """What the window calls a target."""
        handle = self.handle(target)
        return handle.title if handle else f"{target} (not in this model)"

    def saved(self) -> SavedMidi:
        """All of it, to be kept."""
        settings = self._settings
        learned = tuple(SavedBinding(target=t, channel=c.channel, number=c.number) for t, c in self._learned.items())
        return SavedMidi(port=settings.port, mode=settings.mode, channel=settings.channel, learned=learned)

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call ``callback`` after each change of settings, of what is learned or armed; returns what ends that."""
        self._observers.append(callback)

        def unsubscribe() -> None:
            if callback in self._observers:
                self._observers.remove(callback)

        return unsubscribe

    # ---- changing

    def choose(self, settings: MidiSettings) -> None:
        """Play other inputs."""
        if settings != self._settings:
            self._settings = settings
            self._notify()

    def arm(self, target: str) -> None:
        """The next controller that moves is this target's."""
        self._armed = target
        self._notify()

    def cancel(self) -> None:
        """Nothing is to be learned after all."""
        if self._armed is not None:
            self._armed = None
            self._notify()

    def forget(self, *targets: str) -> None:
        """Take their controllers away."""
        for target in targets:
            self._learned.pop(target, None)
            self._pickups.pop(target, None)
        self._notify()

    def offer(self, target: str, handle: Handle) -> Callable[[], None]:
        """Let something else be moved under that name, instead of what had it; returns what takes it back."""
        self._handles[target] = handle

        def withdraw() -> None:
            if self._handles.get(target) is handle:
                del self._handles[target]

        return withdraw

    def pad_dimension(self, axis: int, title: str) -> Handle:
        """The dimension that the pad spans on one axis, whichever that is."""
        store = self._store
        return Handle(
            title,
            lambda: self._normalized(store.state.pad[axis]),
            lambda normalized: self._put(store.state.pad[axis], normalized),
        )

    def moved(self, controller: ControllerMoved) -> None:
        """A controller moved: learn it if one is wanted, and let it move what it has learned."""
        moved = ControllerId(controller.channel, controller.number)
        if self._armed is not None:
            self._learned[self._armed] = moved
            self._pickups.pop(self._armed, None)
            self._armed = None
            self._notify()
        for target, learned in self._learned.items():
            if learned == moved:
                self._follow(target, controller.value / 127)

    # ---- inside

    def _follow(self, target: str, normalized: float) -> None:
        handle = self.handle(target)
        now = handle.read() if handle else None
        pickup = self._pickups.setdefault(target, _Pickup())
        if handle is not None and now is not None and pickup.takes(normalized, now):
            handle.write(normalized)
            pickup.put = handle.read()

    def _param_handle(self, spec: ParamSpec) -> Handle:
        store = self._store
        return Handle(
            spec.label,
            lambda: spec.to_normalized(store.patch.value(spec.name)),
            lambda normalized: store.set_param(spec.name, spec.from_normalized(normalized)),
        )

    def _latent_handle(self, dim: int) -> Handle:
        names = self._store.model.card.axis_names if self._store.model else ()
        title = names[dim] if dim < len(names) else f"z{dim + 1}"
        return Handle(f"Latent {title}", lambda: self._normalized(dim), lambda normalized: self._put(dim, normalized))

    def _normalized(self, dim: int) -> float | None:
        if dim >= len(self._store.ranges):
            return None
        low, high = self._store.ranges[dim]
        return float((self._store.latent_values()[dim] - low) / (high - low))

    def _put(self, dim: int, normalized: float) -> None:
        low, high = self._store.ranges[dim]
        self._store.set_latent(dim, float(low + normalized * (high - low)))

    def _notify(self) -> None:
        for callback in tuple(self._observers):
            callback()


def _dimension(target: str) -> int | None:
    """Dimension, counted from 0, of "z1", "z2", ..."""
    return int(target[1:]) - 1 if target[:1] == "z" and target[1:].isdecimal() and target != "z0" else None
