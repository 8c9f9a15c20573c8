"""The MIDI side of the session: which inputs are played, which controller moves which control, and soft takeover."""

from collections.abc import Callable
from typing import NamedTuple

from synth_app.midi import ControllerMoved, MidiSettings
from synth_app.midi.names import NAMES
from synth_app.params import PARAMS
from synth_app.session.midi_saved import SavedBinding, SavedMidi
from synth_app.session.store import SessionStore

PAD_X, PAD_Y = "pad x", "pad y"
_PARAMS = {spec.name: spec for spec in PARAMS}
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


class _Pickup:
    """How a controller stands to its control.

    Attributes:
        came: where the controller was last, 0-1.
        put: where it has put the control, None while it has not reached it.
    """

    def __init__(self) -> None:
        self.came: float | None = None
        self.put: float | None = None

    def takes(self, travel: float, now: float) -> bool:
        """Whether the controller, now at ``travel``, moves a control that stands at ``now``.

        It must have reached or crossed it once; a control that was moved by something else must be reached again.
        """
        before, self.came = self.came, travel
        if self.put is not None and abs(now - self.put) <= _OURS:
            return True
        self.put = None
        return abs(travel - now) <= _NEAR or (before is not None and (before - now) * (travel - now) <= 0.0)


class MidiDesk:
    """Settings and learned controllers; belongs to the thread of the store, which it moves.

    A target is the name of a parameter, "z1" for the first latent dimension and so on, or ``PAD_X`` and ``PAD_Y`` for
    whatever the pad spans. Each has one controller at most; one controller may move several.
    """

    def __init__(self, store: SessionStore, saved: SavedMidi | None = None) -> None:
        saved = saved or SavedMidi()
        self._store = store
        self._observers: list[Callable[[], None]] = []
        self._settings = saved.settings()
        self._learned = {each.target: ControllerId(each.channel, each.number) for each in saved.learned}
        self._pickups: dict[str, _Pickup] = {}
        self._armed: str | None = None

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

    def title(self, target: str) -> str:
        """What the window calls a target."""
        if target in _PARAMS:
            return _PARAMS[target].label
        if target in (PAD_X, PAD_Y):
            return "Pad, horizontally" if target == PAD_X else "Pad, vertically"
        dim, model = _dimension(target), self._store.model
        if dim is None or model is None or dim >= len(model.card.axis_names):
            return f"Latent {target}"
        return f"Latent {model.card.axis_names[dim]}"

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

    def _follow(self, target: str, travel: float) -> None:
        now = self._travel(target)
        pickup = self._pickups.setdefault(target, _Pickup())
        if now is not None and pickup.takes(travel, now):
            self._put(target, travel)
            pickup.put = self._travel(target)

    def _travel(self, target: str) -> float | None:
        """Where a control stands, 0-1; None where the present model has no such control."""
        if target in _PARAMS:
            return _PARAMS[target].to_travel(self._store.sound.value(target))
        dim = self._dimension(target)
        if dim is None:
            return None
        low, high = self._store.ranges[dim]
        return float((self._store.latent_values()[dim] - low) / (high - low))

    def _put(self, target: str, travel: float) -> None:
        if target in _PARAMS:
            self._store.set_param(target, _PARAMS[target].from_travel(travel))
        elif (dim := self._dimension(target)) is not None:
            low, high = self._store.ranges[dim]
            self._store.set_latent(dim, float(low + travel * (high - low)))

    def _dimension(self, target: str) -> int | None:
        pad = dict(zip((PAD_X, PAD_Y), self._store.state.pad, strict=True))
        dim = pad.get(target, _dimension(target))
        return dim if dim is not None and dim < len(self._store.ranges) else None

    def _notify(self) -> None:
        for callback in tuple(self._observers):
            callback()


def _dimension(target: str) -> int | None:
    """Dimension, counted from 0, of "z1", "z2", ..."""
    return int(target[1:]) - 1 if target[:1] == "z" and target[1:].isdecimal() and target != "z0" else None
