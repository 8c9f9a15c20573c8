"""Render single notes of a synthesizer plug-in through the DSSI interface (LADSPA with notes and programs)."""

import ctypes
import threading
import time
from collections import Counter
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_float, c_int, c_ubyte, c_uint, c_ulong, c_void_p
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synth_app.dataset.audio_io import FloatArray
from synth_app.support.errors import UserError

_BLOCK = 64
_LOOKS, _LOOK_S, _QUIET_CHECKS, _LOADING_LONGEST_S = 10, 0.003, 2, 20.0
_TASKS = Path("/proc/self/task")
_SILENT, _TAIL_LONGEST_S = 1e-4, 10.0
_NOTE_ON, _NOTE_OFF = 6, 7  # SND_SEQ_EVENT_NOTEON, SND_SEQ_EVENT_NOTEOFF
_INPUT, _AUDIO = 1, 8  # LADSPA_PORT_INPUT, LADSPA_PORT_AUDIO
_RATE, _LOGARITHMIC, _DEFAULT = 0x8, 0x10, 0x3C0  # LADSPA_HINT_...
_BETWEEN = {0x40: 0.0, 0x80: 0.25, 0xC0: 0.5, 0x100: 0.75, 0x140: 1.0}  # MINIMUM, LOW, MIDDLE, HIGH, MAXIMUM
_FIXED = {0x200: 0.0, 0x240: 1.0, 0x280: 100.0, 0x2C0: 440.0}


class _Hint(ctypes.Structure):
    _fields_ = (("kind", c_int), ("lower", c_float), ("upper", c_float))


class _Ladspa(ctypes.Structure):
    """LADSPA_Descriptor, ladspa.h 1.1."""

    _fields_ = (
        ("unique_id", c_ulong), ("label", c_char_p), ("properties", c_int), ("name", c_char_p), ("maker", c_char_p),
        ("copyright", c_char_p), ("port_count", c_ulong), ("port_kinds", POINTER(c_int)),
        ("port_names", POINTER(c_char_p)), ("port_hints", POINTER(_Hint)), ("implementation", c_void_p),
        ("instantiate", CFUNCTYPE(c_void_p, c_void_p, c_ulong)),
        ("connect_port", CFUNCTYPE(None, c_void_p, c_ulong, c_void_p)), ("activate", CFUNCTYPE(None, c_void_p)),
        ("run", c_void_p), ("run_adding", c_void_p), ("set_run_adding_gain", c_void_p),
        ("deactivate", CFUNCTYPE(None, c_void_p)), ("cleanup", CFUNCTYPE(None, c_void_p)),
    )  # fmt: skip


class _Program(ctypes.Structure):
    _fields_ = (("bank", c_ulong), ("program", c_ulong), ("name", c_char_p))


class _Event(ctypes.Structure):
    """snd_seq_event_t of ALSA for notes; ``tick`` is the frame within the block."""

    _fields_ = (
        ("type", c_ubyte), ("flags", c_ubyte), ("tag", c_ubyte), ("queue", c_ubyte), ("tick", c_uint),
        ("nanosecond", c_uint), ("source", c_ubyte * 2), ("destination", c_ubyte * 2), ("channel", c_ubyte),
        ("note", c_ubyte), ("velocity", c_ubyte), ("off_velocity", c_ubyte), ("duration", c_uint), ("unused", c_uint),
    )  # fmt: skip


class _Dssi(ctypes.Structure):
    """DSSI_Descriptor, dssi.h 1.0."""

    _fields_ = (
        ("version", c_int), ("ladspa", POINTER(_Ladspa)), ("configure", c_void_p),
        ("get_program", CFUNCTYPE(POINTER(_Program), c_void_p, c_ulong)),
        ("select_program", CFUNCTYPE(None, c_void_p, c_ulong, c_ulong)), ("midi_controller", c_void_p),
        ("run_synth", CFUNCTYPE(None, c_void_p, c_ulong, POINTER(_Event), c_ulong)), ("run_synth_adding", c_void_p),
        ("run_multiple_synths",
         CFUNCTYPE(None, c_ulong, POINTER(c_void_p), c_ulong, POINTER(POINTER(_Event)), POINTER(c_ulong))),
        ("run_multiple_synths_adding", c_void_p),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DssiProgram:
    """A program of a plug-in, with the numbers that select it."""

    bank: int
    program: int
    name: str


class DssiVoice:
    """One plug-in, played one note at a time.

    Attributes:
        label: the plug-in's own short name.
        title: its full name.
        copyright: the plug-in's copyright text.
    """

    def __init__(self, path: Path, sample_rate: int) -> None:
        """Load the plug-in; ``sample_rate`` in Hz.

        Raises:
            UserError: the file is not a DSSI plug-in that plays notes, or it does not start at this rate.
        """
        if not _TASKS.is_dir():
            raise UserError(f"{path}: DSSI plug-ins are played on Linux only")
        try:
            self._library = ctypes.CDLL(str(path.absolute()))
            find = self._library.dssi_descriptor
        except (OSError, AttributeError) as error:
            raise UserError(f"{path} cannot be used as a DSSI plug-in ({error}); give a file like hexter.so") from error
        find.restype, find.argtypes = POINTER(_Dssi), [c_ulong]
        found = find(0)
        if not found or not (found.contents.run_synth or found.contents.run_multiple_synths):
            raise UserError(f"{path} has no plug-in that plays notes; give a synthesizer, like hexter.so")
        self._dssi, self._rate = found.contents, sample_rate
        plugin = self._dssi.ladspa.contents
        self._handle = plugin.instantiate(self._dssi.ladspa, sample_rate)
        if not self._handle:
            raise UserError(f"{path} does not start at {sample_rate} Hz; try --rate 48000")
        self.label, self.title, self.copyright = map(_text, (plugin.label, plugin.name, plugin.copyright))
        self._ports = [self._connected(plugin, port) for port in range(plugin.port_count)]
        self._outputs = [b for i, b in enumerate(self._ports) if plugin.port_kinds[i] & (_AUDIO | _INPUT) == _AUDIO]
        if not self._outputs:
            raise UserError(f"{path} produces no sound; give a synthesizer, like hexter.so")
        if plugin.activate:
            plugin.activate(self._handle)

    def _connected(self, plugin: _Ladspa, port: int) -> FloatArray:
        audio = plugin.port_kinds[port] & _AUDIO
        buffer = np.zeros(_BLOCK, np.float32) if audio else np.array([_default(plugin, port, self._rate)], np.float32)
        plugin.connect_port(self._handle, port, buffer.ctypes.data)
        return buffer

    def close(self) -> None:
        """Free the plug-in."""
        plugin = self._dssi.ladspa.contents
        if plugin.deactivate:
            plugin.deactivate(self._handle)
        if plugin.cleanup:
            plugin.cleanup(self._handle)

    def programs(self) -> tuple[DssiProgram, ...]:
        """List the programs whose name contains a letter, in the plug-in's order."""
        found: list[DssiProgram] = []
        selectable = self._dssi.get_program and self._dssi.select_program
        while selectable and (entry := self._dssi.get_program(self._handle, len(found))):
            found.append(DssiProgram(entry.contents.bank, entry.contents.program, _text(entry.contents.name)))
        return tuple(program for program in found if any(letter.isalpha() for letter in program.name))

    def select(self, program: DssiProgram) -> None:
        """Load a program and wait until it is loaded; some plug-ins load in their own thread.

        Raises:
            UserError: the program is still loading after 20 s.
        """
        self._dssi.select_program(self._handle, program.bank, program.program)
        quiet, until = 0, time.monotonic() + _LOADING_LONGEST_S
        while quiet < _QUIET_CHECKS:
            if time.monotonic() > until:
                raise UserError(
                    f"{self.title} still loads {program.name!r} after {_LOADING_LONGEST_S:g} s; "
                    "run the command again when the machine is less busy, or leave this plug-in out"
                )
            self._frames(_BLOCK)
            quiet = 0 if _other_threads_work() else quiet + 1
        self.render(60, 100, 0.1, 0.1)  # the tail of the previous program and its parameter glides end here

    def render(self, pitch: int, velocity: int, hold_s: float, release_s: float) -> FloatArray:
        """Render one note, held for ``hold_s`` seconds, as the mean of the outputs; then discard the tail.

        Returns:
            Samples, shape [round((hold_s + release_s) * rate)], float32, at the plug-in's own level. The key is
            released at the multiple of 64 frames nearest to ``hold_s``.
        """
        frames = round((hold_s + release_s) * self._rate)
        held = round(hold_s * self._rate / _BLOCK) * _BLOCK
        down = self._frames(held, _Event(type=_NOTE_ON, note=pitch, velocity=velocity))
        up = self._frames(-(-(frames - held) // _BLOCK) * _BLOCK, _Event(type=_NOTE_OFF, note=pitch, velocity=64))
        for _ in range(round(_TAIL_LONGEST_S / 0.1)):
            if float(np.abs(self._frames(round(0.1 * self._rate))).max()) < _SILENT:
                break
        return np.concatenate([down, up])[:frames]

    def _frames(self, count: int, event: _Event | None = None) -> FloatArray:
        """Render at least ``count`` frames in whole blocks, mixed to mono; the event is in the first block."""
        blocks = np.empty((-(-count // _BLOCK), _BLOCK), np.float32)
        for i in range(len(blocks)):
            self._run(event if i == 0 else None)
            blocks[i] = np.mean(self._outputs, axis=0)
        return blocks.ravel()

    def _run(self, event: _Event | None) -> None:
        events = (_Event * 1)(event or _Event())
        count = 0 if event is None else 1
        if self._dssi.run_synth:
            self._dssi.run_synth(self._handle, _BLOCK, events, count)
            return
        lists = (POINTER(_Event) * 1)(ctypes.cast(events, POINTER(_Event)))
        self._dssi.run_multiple_synths(1, (c_void_p * 1)(self._handle), _BLOCK, lists, (c_ulong * 1)(count))


def _other_threads_work() -> bool:
    """Return whether another thread of this process is running or runnable most of the time."""
    found: Counter[str] = Counter()
    for _ in range(_LOOKS):
        time.sleep(_LOOK_S)
        for task in _TASKS.iterdir():
            try:
                state = (task / "stat").read_text().rpartition(")")[2].split()[0]
            except (FileNotFoundError, ProcessLookupError):  # the thread has ended
                continue
            found[task.name] += state in "RD" and int(task.name) != threading.get_native_id()
    return any(times > _LOOKS // 2 for times in found.values())


def _default(plugin: _Ladspa, port: int, rate: int) -> float:
    """Return the default value of a control port by its LADSPA hints."""
    hint = plugin.port_hints[port]
    scale = rate if hint.kind & _RATE else 1.0
    low, high, kind = hint.lower * scale, hint.upper * scale, hint.kind & _DEFAULT
    if kind not in _BETWEEN:
        return _FIXED.get(kind, 0.0)
    share = _BETWEEN[kind]
    if hint.kind & _LOGARITHMIC and low > 0.0:
        return float(low ** (1.0 - share) * high**share)
    return low * (1.0 - share) + high * share


def _text(raw: bytes | None) -> str:
    return (raw or b"").decode("latin-1").strip()
