"""MIDI settings of the session: inputs, learned controllers, and soft takeover (pick-up)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from synth_app.handles import dimension_label
from synth_app.midi import ControllerMoved, MidiSettings
from synth_app.midi.names import NAMES
from synth_app.params import MACROS, PARAMS, ParamSpec
from synth_app.patch.target import PAD_X, PAD_Y, Target, latent_dimension
from synth_app.session.state.saved_midi import SavedBinding, SavedMidi
from synth_app.session.store.param_title import param_title
from synth_app.session.store.store import SessionStore

_SAVED_NAMES = {PAD_X: "pad x", PAD_Y: "pad y"}  # as MIDI settings files keep them
_TARGETS_OF_SAVED = {saved: target for target, saved in _SAVED_NAMES.items()}
_PICKUP_DISTANCE = 1.5 / 127  # normalized; a controller this near to the value picks it up
_ROUNDING = 1e-6  # normalized; a smaller change since the last write is rounding


class ControllerId(NamedTuple):
    """A MIDI controller: channel 0-15, number 0-119."""

    channel: int
    number: int

    @property
    def title(self) -> str:
        """The text for the user: channels count from 1, with the MIDI standard's name of the controller."""
        name = f" ({NAMES[self.number]})" if self.number in NAMES else ""
        return f"CC {self.number}{name}, channel {self.channel + 1}"


@dataclass(frozen=True)
class LinkedControl:
    """A control that a MIDI controller can move.

    Attributes:
        title: the name in the window.
        read: returns the normalized value, 0-1; None if the present model has no such control.
        write: sets the normalized value.
    """

    title: str
    read: Callable[[], float | None]
    write: Callable[[float], None]


class _Pickup:
    """The soft takeover of one control by one controller.

    Attributes:
        last: the controller's last normalized value; None before the first.
        written: the control's normalized value after the last write; None while the controller has not picked it up.
    """

    def __init__(self) -> None:
        self.last: float | None = None
        self.written: float | None = None

    def accepts(self, normalized: float, present: float) -> bool:
        """Return whether the controller, now at ``normalized``, moves a control whose value is ``present``.

        The controller must reach or cross the value first. After something else has moved the control, the controller
        must reach it again.
        """
        before, self.last = self.last, normalized
        if self.written is not None and abs(present - self.written) <= _ROUNDING:
            return True
        self.written = None
        if abs(normalized - present) <= _PICKUP_DISTANCE:
            return True
        return before is not None and (before - present) * (normalized - present) <= 0.0


class MidiLearn:
    """MIDI settings and learned controllers. It changes the store and belongs to the store's thread.

    A target is the name of a parameter, "z1" for the first latent dimension and so on, or ``PAD_X`` and ``PAD_Y`` for
    the pad. Other code registers further targets. A target has at most one controller; a
    controller may move several targets.
    """

    def __init__(self, store: SessionStore, saved: SavedMidi | None = None) -> None:
        saved = saved or SavedMidi()
        self._store = store
        self._observers: list[Callable[[], None]] = []
        self._settings = saved.settings()
        self._learned = {
            _TARGETS_OF_SAVED.get(each.target, each.target): ControllerId(each.channel, each.number)
            for each in saved.learned
        }
        self._pickups: dict[str, _Pickup] = {}
        self._armed: str | None = None
        self._controls: dict[str, LinkedControl] = {spec.name: self._param_control(spec) for spec in PARAMS}
        self._controls[PAD_X] = self.pad_dimension(0, "Pad, horizontally")
        self._controls[PAD_Y] = self.pad_dimension(1, "Pad, vertically")

    # ---- reading

    @property
    def settings(self) -> MidiSettings:
        """The chosen inputs and channels."""
        return self._settings

    @property
    def learned(self) -> dict[str, ControllerId]:
        """The learned controllers by target."""
        return dict(self._learned)

    @property
    def armed(self) -> str | None:
        """The target that waits for a controller; None if none does."""
        return self._armed

    def control(self, target: str) -> LinkedControl | None:
        """Return the control of a target; None if the target does not exist at present."""
        found = self._controls.get(target)
        if found is None and (dim := latent_dimension(target)) is not None and dim < len(self._store.ranges):
            found = self._latent_control(dim)
        return found

    def title(self, target: str) -> str:
        """Return the name of a target for the window."""
        if target in MACROS:
            return param_title(target, self._store.patch.macro_names)
        control = self.control(target)
        return control.title if control else f"{target} (not in this model)"

    def saved(self) -> SavedMidi:
        """Return the settings to save."""
        settings = self._settings
        learned = tuple(
            SavedBinding(target=_SAVED_NAMES.get(t, t), channel=c.channel, number=c.number)
            for t, c in self._learned.items()
        )
        return SavedMidi(port=settings.port, mode=settings.mode, channel=settings.channel, learned=learned)

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call ``callback`` after each change of settings, learned controllers or the armed target.

        Returns a function that ends the subscription.
        """
        self._observers.append(callback)

        def unsubscribe() -> None:
            if callback in self._observers:
                self._observers.remove(callback)

        return unsubscribe

    # ---- changing

    def set_settings(self, settings: MidiSettings) -> None:
        """Choose other inputs or channels."""
        if settings != self._settings:
            self._settings = settings
            self._notify()

    def arm(self, target: str) -> None:
        """Learn the next controller that moves for this target. Raises UserError for an unknown target."""
        if target not in self._controls:
            Target.parse(target)
        self._armed = target
        self._notify()

    def cancel(self) -> None:
        """Stop waiting for a controller."""
        if self._armed is not None:
            self._armed = None
            self._notify()

    def forget(self, *targets: str) -> None:
        """Remove the learned controllers of these targets."""
        for target in targets:
            self._learned.pop(target, None)
            self._pickups.pop(target, None)
        self._notify()

    def register(self, target: str, control: LinkedControl) -> Callable[[], None]:
        """Register the control of a target, and replace an earlier one. Returns a function that removes it again."""
        self._controls[target] = control

        def unregister() -> None:
            if self._controls.get(target) is control:
                del self._controls[target]

        return unregister

    def pad_dimension(self, axis: int, title: str) -> LinkedControl:
        """Return the control of the latent dimension that the pad spans on one axis."""
        store = self._store
        return LinkedControl(
            title,
            lambda: self._normalized(store.state.pad.axes[axis]),
            lambda normalized: self._set_normalized(store.state.pad.axes[axis], normalized),
        )

    def handle_controller(self, controller: ControllerMoved) -> None:
        """Handle a controller's move: learn it if a target is armed, and move the targets that have learned it."""
        moved = ControllerId(controller.channel, controller.number)
        if self._armed is not None:
            self._learned[self._armed] = moved
            self._pickups.pop(self._armed, None)
            self._armed = None
            self._notify()
        for target, learned in self._learned.items():
            if learned == moved:
                self._follow(target, controller.value / 127)

    # ---- internal

    def _follow(self, target: str, normalized: float) -> None:
        control = self.control(target)
        present = control.read() if control else None
        pickup = self._pickups.setdefault(target, _Pickup())
        if control is not None and present is not None and pickup.accepts(normalized, present):
            control.write(normalized)
            pickup.written = control.read()

    def _param_control(self, spec: ParamSpec) -> LinkedControl:
        store = self._store
        return LinkedControl(
            spec.label,
            lambda: spec.to_normalized(store.patch.value(spec.name)),
            lambda normalized: store.set_param(spec.name, spec.from_normalized(normalized)),
        )

    def _latent_control(self, dim: int) -> LinkedControl:
        model = self._store.model
        title = dimension_label(model, dim) if model else str(Target.latent(dim))
        return LinkedControl(
            f"Latent {title}", lambda: self._normalized(dim), lambda normalized: self._set_normalized(dim, normalized)
        )

    def _normalized(self, dim: int) -> float | None:
        if dim >= len(self._store.ranges):
            return None
        low, high = self._store.ranges[dim]
        return float((self._store.latents.values()[dim] - low) / (high - low))

    def _set_normalized(self, dim: int, normalized: float) -> None:
        low, high = self._store.ranges[dim]
        self._store.latents.set(dim, float(low + normalized * (high - low)))

    def _notify(self) -> None:
        for callback in tuple(self._observers):
            callback()
