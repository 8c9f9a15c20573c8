"""Writes what is played, from now on, into a WAV file: exactly the samples the engine rendered."""

import threading
from pathlib import Path

import soundfile

from synth_app.audio.protocol.telemetry import Frames, Telemetry
from synth_app.patch import ENGINE_RATE
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path

SUBTYPES = {24: "PCM_24", 32: "FLOAT"}
_DRAIN_S = 0.1
_MAX_BYTES = 2**32 - 2**16  # a WAV file's length is a 32-bit number


class _DiscardError(Exception):
    """Leaves the writing loop without a file."""


class Recorder:
    """Drains the telemetry ring into a file, in a thread. One recording at a time.

    The float file is bit-identical to what was rendered. The file appears under its name when recording stops;
    if the disk fills or samples were lost, what was recorded until then is kept, and ``stop`` says so.
    """

    def __init__(self, telemetry: Telemetry) -> None:
        """Record from this ring."""
        self._telemetry = telemetry
        self._thread: threading.Thread | None = None
        self._end = threading.Event()
        self._discarded = False
        self._frames = 0
        self._opened = threading.Event()
        self.problem = ""  # why the recording ended early, "" while all is well; the window may look at any time

    @property
    def running(self) -> bool:
        """Whether a recording was started and neither stopped nor discarded yet."""
        return self._thread is not None

    @property
    def seconds(self) -> float:
        """Length so far."""
        return self._frames / ENGINE_RATE

    def start(self, path: Path | str, bits: int = 24) -> None:
        """Record from this moment on into ``path`` (48 kHz stereo WAV; 24 bits, or 32 for float).

        Raises:
            UserError: already recording, another number of bits, or the file cannot be made.
        """
        if self._thread is not None:
            raise UserError("a recording is running; stop it first")
        if bits not in SUBTYPES:
            raise UserError(f"{bits} bits; a recording has 24, or 32 (float)")
        index = self._telemetry.written
        self._end.clear()
        self._opened.clear()
        self._discarded, self._frames, self.problem = False, 0, ""
        self._thread = threading.Thread(
            target=self._record, args=(Path(path), bits, index), name="recorder", daemon=True
        )
        self._thread.start()
        self._opened.wait()
        if self.problem:
            self._finish()
            raise UserError(self.problem)

    def stop(self) -> float:
        """End the recording, put the file in its place; its length in seconds.

        Raises:
            UserError: nothing is being recorded, or it had ended early (see ``problem``).
        """
        if self._thread is None:
            raise UserError("nothing is being recorded; start a recording first")
        self._finish()
        if self.problem:
            raise UserError(self.problem)
        return self.seconds

    def discard(self) -> None:
        """End the recording, keep nothing. Does nothing when none runs."""
        self._discarded = True
        if self._thread is not None:
            self._finish()

    def _finish(self) -> None:
        thread, self._thread = self._thread, None
        self._end.set()
        if thread is not None:
            thread.join()

    def _record(self, path: Path, bits: int, index: int) -> None:
        try:
            with atomic_path(path) as temporary:
                self._write(temporary, bits, index)
                if self._discarded or (self.problem and not self._frames):
                    raise _DiscardError
            if self.problem:
                self.problem += f"; the first {self.seconds:.1f} s are saved in {path}"
        except _DiscardError:
            pass
        except UserError as error:
            self.problem = str(error)
        except soundfile.LibsndfileError as error:
            self.problem = f"cannot write {path}: {error}; choose another folder"
        finally:
            self._opened.set()

    def _write(self, temporary: Path, bits: int, index: int) -> None:
        room = _MAX_BYTES // (2 * bits // 8)
        with soundfile.SoundFile(temporary, "w", ENGINE_RATE, 2, SUBTYPES[bits], format="WAV") as file:
            self._opened.set()
            last = False
            while not last and not self.problem:
                last = self._end.wait(_DRAIN_S)
                frames, index, lost = self._telemetry.read_since(index)
                if lost:
                    self.problem = f"{lost} samples were lost because this computer stood still: recording ended there"
                elif self._frames + len(frames) > room:
                    self.problem = "the recording reached the 4 GB that a WAV file can hold and ended there"
                else:
                    self._append(file, frames)

    def _append(self, file: soundfile.SoundFile, frames: Frames) -> None:
        try:
            file.write(frames)
            file.flush()
        except (OSError, soundfile.SoundFileError) as error:
            self.problem = f"the recording cannot be written on ({error}); is the disk full? It ended there"
        else:
            self._frames += len(frames)
