"""Records rendered or incoming samples, unchanged, into a WAV file."""

import contextlib
import threading
from pathlib import Path
from typing import Protocol

import soundfile

from synth_app.audio.process.unfinished import lock_recording, unfinished_path
from synth_app.audio.protocol.telemetry import Frames
from synth_app.patch import ENGINE_RATE
from synth_app.support.errors import UserError
from synth_app.support.files import reason, sync_file, sync_folder
from synth_app.support.sound_writer import SoundStream, sound_stream

SUBTYPES = {24: "PCM_24", 32: "FLOAT"}
_DRAIN_S = 0.1
_MAX_BYTES = 2**32 - 2**16  # a WAV file's length is a 32-bit number


class FrameSource(Protocol):
    """A ring of stereo samples, such as the telemetry."""

    @property
    def written(self) -> int:
        """Index of the next sample."""
        ...

    def read_since(self, index: int) -> tuple[Frames, int, int]:
        """Return the samples from ``index`` on, the index after them, and how many were overwritten before."""
        ...


class Recorder:
    """Copies a ring of samples into a file, in a thread. One recording at a time.

    A 32-bit float file is bit-identical to the rendered samples. The file appears under its name when the recording
    stops; after a crash ``unfinished`` finds what was recorded. If the disk is full or samples were lost, the file
    keeps the samples until then and ``stop`` raises.
    """

    def __init__(self, source: FrameSource, rate: int = ENGINE_RATE) -> None:
        """Record from this ring, whose samples come at ``rate`` Hz."""
        self._source, self._rate = source, rate
        self._thread: threading.Thread | None = None
        self._end = threading.Event()
        self._discarded = False
        self._frames = 0
        self._most_frames: int | None = None
        self._opened = threading.Event()
        self.problem = ""  # why the recording ended early, else ""; any thread may read it

    @property
    def running(self) -> bool:
        """Whether a recording was started and neither stopped nor discarded."""
        return self._thread is not None

    @property
    def seconds(self) -> float:
        """Length so far, in s."""
        return self._frames / self._rate

    def start(self, path: Path | str, bits: int = 24, *, max_seconds: float | None = None) -> None:
        """Record from now on into a stereo WAV file at the ring's rate.

        Args:
            path: the file.
            bits: 24 (PCM), or 32 (float).
            max_seconds: after which nothing more is recorded; None for as much as the file can hold.

        Raises:
            UserError: a recording runs already, another number of bits, or the file cannot be created.
        """
        if self._thread is not None:
            raise UserError("a recording is running; stop it first")
        if bits not in SUBTYPES:
            raise UserError(f"{bits} bits cannot be recorded; choose 24, or 32 (float)")
        index = self._source.written
        self._end.clear()
        self._opened.clear()
        self._discarded, self._frames, self.problem = False, 0, ""
        self._most_frames = None if max_seconds is None else round(max_seconds * self._rate)
        self._thread = threading.Thread(
            target=self._record, args=(Path(path), bits, index), name="recorder", daemon=True
        )
        self._thread.start()
        self._opened.wait()
        if self.problem:
            self._finish()
            raise UserError(self.problem)

    def stop(self) -> float:
        """End the recording and move the file to its path; return its length in s.

        Raises:
            UserError: nothing is being recorded, or the recording ended early (see ``problem``).
        """
        if self._thread is None:
            raise UserError("no recording is running; start one first")
        self._finish()
        if self.problem:
            raise UserError(self.problem)
        return self.seconds

    def discard(self) -> None:
        """End the recording without a file. Does nothing when none runs."""
        self._discarded = True
        if self._thread is not None:
            self._finish()

    def _finish(self) -> None:
        thread, self._thread = self._thread, None
        self._end.set()
        if thread is not None:
            thread.join()

    def _record(self, path: Path, bits: int, index: int) -> None:
        unfinished = unfinished_path(path)
        try:
            with sound_stream(unfinished) as stream:
                lock_recording(stream.fileno())
                self._write(stream, bits, index)
        except OSError as error:
            self._report_failure(error, path)
        except soundfile.LibsndfileError as error:
            self.problem = f"cannot write {path}: {error}; choose another folder"
        try:
            self._keep(unfinished, path)
        except OSError as error:
            self.problem = f"cannot save the recording as {path}: {reason(error)}; it is kept as {unfinished}"
        finally:
            self._opened.set()

    def _report_failure(self, error: OSError, path: Path) -> None:
        if self._opened.is_set():
            self.problem = f"the recording cannot be written: {reason(error)}. The recording ended there"
        else:
            self.problem = f"cannot record into {path}: {reason(error)}; choose a folder that exists and may be written"

    def _keep(self, unfinished: Path, path: Path) -> None:
        """Give the file its name; delete it if it was discarded or holds nothing after a problem. Raises OSError."""
        if not unfinished.exists():
            return
        if self._discarded or (self.problem and not self._frames):
            unfinished.unlink()
            return
        sync_file(unfinished)
        unfinished.replace(path)
        sync_folder(path.parent)
        if self.problem:
            self.problem += f"; the first {self.seconds:.1f} s are saved in {path}"

    def _write(self, stream: SoundStream, bits: int, index: int) -> None:
        room = _MAX_BYTES // (2 * bits // 8)
        with soundfile.SoundFile(stream, "w", self._rate, 2, SUBTYPES[bits], format="WAV") as file:
            self._opened.set()
            last = False
            while not last and not self.problem:
                last = self._end.wait(_DRAIN_S)
                frames, index, lost = self._source.read_since(index)
                if lost:
                    self.problem = (
                        f"{lost} samples were lost because the computer was too busy; the recording ended there"
                    )
                elif self._frames + len(frames) > room:
                    self.problem = "the recording reached the 4 GB that a WAV file can hold and ended there"
                else:
                    self._append(file, stream, frames)

    def _append(self, file: soundfile.SoundFile, stream: SoundStream, frames: Frames) -> None:
        """Write frames, up to the most that were asked for. Raises OSError if the disk does not take all of them."""
        if self._most_frames is not None:
            frames = frames[: self._most_frames - self._frames]
        with contextlib.suppress(soundfile.SoundFileError, AssertionError):  # the library's words for a short write
            file.write(frames)
        if stream.error is not None:
            raise stream.error
        self._frames += len(frames)
