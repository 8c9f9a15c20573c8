"""The modulation of one instrument: updates the kernels' state from the patch, the beat and the clock."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.control.beat import Beat
from synth_app.engine.control.lfo import drawn_table
from synth_app.engine.voices.latent_path import Voices
from synth_app.engine.voices.modulation_kernel import (
    FADE,
    HANDLE_BY,
    HANDLES,
    LATENT_BY,
    PAD_X_BY,
    PAD_Y_BY,
    PHASE,
    RATE,
    ROWS,
    new_mod_state,
)
from synth_app.params.note_values import NOTE_BEATS
from synth_app.patch.handle_curves import HandleCurves
from synth_app.patch.modulation_matrix import (
    ENVELOPE_RANGES,
    LFO_SHAPES,
    LFOS,
    MOD_SOURCES,
    MOD_TARGETS,
    Modulation,
    mod_target,
)
from synth_app.patch.pad_grid import PadGrid
from synth_app.patch.patch import ENGINE_RATE, Patch
from synth_app.patch.target import PAD_NAMES, latent_dimension

_GLIDE_MS = 8.0
_SETTLED_CONSTANTS = 14  # time constants until a glide has arrived
_SOURCE = {source.name: i for i, source in enumerate(MOD_SOURCES)} | {"": -1}
_TARGET = {target.name: i for i, target in enumerate(MOD_TARGETS)}
Route = tuple[int, int, int]  # source, via, target


class Moved(NamedTuple):
    """What a patch says about modulation.

    Attributes:
        modulation: its connections.
        pad: the grid that they move over; None without a pad.
        curves: of the handles; None where nothing moves a handle.
        morph: of the patch, 0-1.
    """

    modulation: Modulation
    pad: PadGrid | None = None
    curves: HandleCurves | None = None
    morph: float = 0.0

    @classmethod
    def of(cls, patch: Patch) -> "Moved":
        """Return what a patch says."""
        return cls(patch.modulation, patch.pad_grid, patch.handle_curves, patch.value("morph"))


class KernelInputs(NamedTuple):
    """Arrays of the instrument that the kernels read, see ``ModState``."""

    controllers: NDArray[np.float64]
    handle_steps: NDArray[np.float64]
    params: NDArray[np.float64]


class ModulationState:
    """Follows the modulation of the patch. The kernels read ``state``.

    Amounts, rates, phases and envelope times glide, so that changes make no steps; a removed connection glides to 0
    first. An LFO counts its cycles, so that another rate continues at the present phase.

    Args:
        voices: of the instrument.
        std: float32 [latent], standard deviation of each dimension, the unit of amounts.
        tick: samples between two ``step`` calls.
        seed: of all random values.
    """

    def __init__(self, voices: Voices, std: NDArray[np.float32], tick: int, seed: int) -> None:
        self._voices, self._std, self._tick = voices, std.astype(np.float64), tick
        self._seed = seed
        self.state = new_mod_state(len(voices.stage), len(std), seed)
        self._beat = Beat()
        self._glide = 1.0 - np.exp(-tick / (_GLIDE_MS * 1e-3 * ENGINE_RATE))
        self._settle = round(_SETTLED_CONSTANTS * _GLIDE_MS * 1e-3 * ENGINE_RATE / tick)
        self._gliding = 0  # ticks until all glides have arrived
        self._routes: list[Route] = []
        self._lfo_target, self._envelope_target = np.zeros_like(self.state.lfo), np.ones_like(self.state.envelope)
        self._amount_target = np.zeros(ROWS)
        self._cycle_beats = np.zeros(LFOS)  # quarter notes per cycle; 0 for an LFO in Hz
        self._pad: PadGrid | None = None
        self._pad_z_target: NDArray[np.float32] | None = None  # latent vectors that the pad glides to
        self._pad_step = np.zeros_like(self.state.pad_z)  # scratch
        self._curves_target: NDArray[np.float32] | None = None  # that the handles' curves glide to
        self._curves_step = np.zeros_like(self.state.handle_curves)  # scratch
        self._no_pins = np.zeros_like(self.state.pins)
        self._pins_target: NDArray[np.float32] = self._no_pins  # that the pins glide to
        self._pins_step = np.zeros_like(self.state.pins)  # scratch

    def begin(self, moved: Moved, beat: Beat, inputs: KernelInputs, clock: int) -> None:
        """Apply a modulation at once, at sample ``clock``.

        Args:
            moved: of the patch. beat: of the performance.
            inputs: arrays that are read from then on.
            clock: sample of the engine's clock.
        """
        self.state = new_mod_state(len(self._voices.stage), len(self._std), self._seed)._replace(**inputs._asdict())
        self._beat, self._routes, self._pad = beat, [], None
        self._curves_target = None
        self._amount_target[:] = 0.0
        self.follow(moved)
        self._arrive()
        self.state.cycles[:] = self.state.lfo[:, RATE] * clock
        self.state.now[0] = clock
        self._sync_to_beat(clock)

    def follow(self, moved: Moved) -> None:
        """Glide to another modulation, pad and curves of the handles. LFO shapes change at once."""
        state, modulation = self.state, moved.modulation
        for i, lfo in enumerate(modulation.lfos):
            state.shape[i], state.free[i] = LFO_SHAPES.index(lfo.shape), not lfo.retrigger
            if lfo.shape == "drawn":
                state.drawn[i] = drawn_table(lfo.points)
            self._cycle_beats[i] = NOTE_BEATS.get(lfo.sync, 0.0)
            self._lfo_target[i, RATE] = lfo.rate_hz / ENGINE_RATE
            self._lfo_target[i, PHASE], self._lfo_target[i, FADE] = lfo.phase, lfo.fade_s
        for i, envelope in enumerate(modulation.envelopes):
            self._envelope_target[i] = [getattr(envelope, name) for name, *_ in ENVELOPE_RANGES]
        self._set_pad(moved.pad)
        self._set_curves(moved.curves)
        self._set_pins(moved)
        self._connect(modulation)
        self._gliding = self._settle

    def begin_voice(self, v: int) -> None:
        """Start a voice: its LFOs count from its first sample."""
        state = self.state
        state.origin[v] = state.cycles + state.lfo[:, RATE] * (self._voices.start[v] - state.now[0])

    def step(self, clock: int) -> None:
        """Glide one tick, and advance the LFOs to sample ``clock``."""
        state = self.state
        state.cycles[:] += state.lfo[:, RATE] * (clock - state.now[0])
        state.now[0] = clock
        if self._gliding:
            self._gliding -= 1
            if self._gliding:
                n = state.row_count[0]
                state.lfo[:] += self._glide * (self._lfo_target - state.lfo)
                state.envelope[:] += self._glide * (self._envelope_target - state.envelope)
                state.amount[:n] += self._glide * (self._amount_target[:n] - state.amount[:n])
                self._glide_pad()
                self._glide_curves()
                self._glide_pins()
            else:
                self._arrive()
        self._sync_to_beat(clock)

    # ---- internal

    def _connect(self, modulation: Modulation) -> None:
        """Assign a row to every connection: the row of the same route, so that its amount glides, or a new one."""
        wanted: dict[Route, float] = {}
        for each in modulation.connections:
            dim = latent_dimension(each.target)
            if not mod_target(each.target).per_voice:
                continue  # ``MacroMoves`` moves it
            if each.target in PAD_NAMES and self._pad is None:
                continue  # there is no grid to move over
            if each.on and (dim is None or dim < len(self._std)):
                target = _TARGET[each.target] if dim is None else LATENT_BY + dim
                route = _SOURCE[each.source], _SOURCE[each.via], target
                amount = each.amount if dim is None else each.amount * float(self._std[dim])
                wanted[route] = wanted.get(route, 0.0) + amount
        if len(set(self._routes) | set(wanted)) > ROWS:
            self._keep_routes(set(wanted))
        self._routes += [route for route in wanted if route not in self._routes]
        self._amount_target[: len(self._routes)] = [wanted.get(route, 0.0) for route in self._routes]
        self._write_routes()

    def _set_pad(self, pad: PadGrid | None) -> None:
        """Change the pad: at once where no connection moves over it, else by a glide."""
        before, state = self._pad, self.state
        self._pad = pad if pad is not None and pad.latent_size == len(self._std) else None
        if self._pad is None:
            self._pad_z_target = None  # the old pad fades out with its amounts
            return
        columns = state.target[: state.row_count[0]]
        in_use = bool(np.any((columns == PAD_X_BY) | (columns == PAD_Y_BY)))
        if not in_use:
            self._pad_z_target = None
            state.pad_z[:], state.pad_position[:] = self._pad.even_nodes(), self._pad.at
        elif before is None or before.codes != self._pad.codes:
            self._pad_z_target = self._pad.even_nodes()

    def _glide_pad(self) -> None:
        state = self.state
        if self._pad is not None:
            for axis, target in enumerate(self._pad.at):
                state.pad_position[axis] += self._glide * (target - state.pad_position[axis])
        if self._pad_z_target is not None:
            np.subtract(self._pad_z_target, state.pad_z, out=self._pad_step)
            np.multiply(self._pad_step, np.float32(self._glide), out=self._pad_step)
            np.add(state.pad_z, self._pad_step, out=state.pad_z)

    def _set_curves(self, curves: HandleCurves | None) -> None:
        """Change the curves of the handles: at once where nothing moves along them, else by a glide.

        Without curves the old ones stay: the amounts that use them fade out.
        """
        if curves is None or curves.latent_size != len(self._std):
            self._curves_target = None
            return
        columns = self.state.target[: self.state.row_count[0]]
        moving = bool(np.any((columns >= HANDLE_BY) & (columns < HANDLE_BY + HANDLES)) or self.state.handle_steps.any())
        self._curves_target = curves.array()
        if not moving:
            self.state.handle_curves[:], self._curves_target = self._curves_target, None

    def _glide_curves(self) -> None:
        if self._curves_target is not None:
            np.subtract(self._curves_target, self.state.handle_curves, out=self._curves_step)
            np.multiply(self._curves_step, np.float32(self._glide), out=self._curves_step)
            np.add(self.state.handle_curves, self._curves_step, out=self.state.handle_curves)

    def _set_pins(self, moved: Moved) -> None:
        """Glide to other pins. The offset of the patch holds those at its own morph already."""
        curves = moved.curves if moved.curves is not None and moved.curves.latent_size == len(self._std) else None
        pins = None if curves is None else curves.pin_array()
        self._pins_target = self._no_pins if pins is None else pins
        self.state.pinned_at[0] = min(max(moved.morph, 0.0), 1.0)
        self.state.pinned[0] |= pins is not None

    def _glide_pins(self) -> None:
        if self.state.pinned[0]:
            np.subtract(self._pins_target, self.state.pins, out=self._pins_step)
            np.multiply(self._pins_step, np.float32(self._glide), out=self._pins_step)
            np.add(self.state.pins, self._pins_step, out=self.state.pins)

    def _keep_routes(self, kept: set[Route]) -> None:
        """Remove all other routes at once."""
        rows = [i for i, route in enumerate(self._routes) if route in kept]
        for array in (self.state.amount, self._amount_target):
            array[: len(rows)] = array[rows]
            array[len(rows) :] = 0.0
        self._routes = [self._routes[i] for i in rows]

    def _arrive(self) -> None:
        """End all glides at their targets, and remove routes whose amount is 0."""
        self.state.lfo[:], self.state.envelope[:] = self._lfo_target, self._envelope_target
        self._keep_routes(
            {route for route, amount in zip(self._routes, self._amount_target, strict=False) if amount != 0.0}
        )
        self.state.amount[:] = self._amount_target
        self._write_routes()
        if self._pad is not None:
            self.state.pad_position[:] = self._pad.at
        if self._pad_z_target is not None:
            self.state.pad_z[:], self._pad_z_target = self._pad_z_target, None
        if self._curves_target is not None:
            self.state.handle_curves[:], self._curves_target = self._curves_target, None
        self.state.pins[:] = self._pins_target
        self.state.pinned[0] = self._pins_target is not self._no_pins
        self._gliding = 0

    def _write_routes(self) -> None:
        state, n = self.state, len(self._routes)
        state.row_count[0] = n
        for i, (source, via, target) in enumerate(self._routes):
            state.source[i], state.via[i], state.target[i] = source, via, target

    def _sync_to_beat(self, clock: int) -> None:
        """Set the phases of LFOs in time with the beat."""
        if not self._cycle_beats.any():
            return
        beats = self._beat.at(clock)
        for i, length in enumerate(self._cycle_beats):
            if length > 0.0:
                self.state.cycles[i] = beats / length
                self.state.lfo[i, RATE] = self._lfo_target[i, RATE] = self._beat.bpm / (60.0 * ENGINE_RATE * length)
