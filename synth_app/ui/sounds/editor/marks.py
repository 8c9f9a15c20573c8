"""The marks of a recording on the time axis: ends, fades and loop. Plain data."""

from dataclasses import dataclass

from synth_app.session.sounds import sound_edits as edits
from synth_app.session.sounds.user_sound import Recording
from synth_app.ui.graphs.axis import seconds_tick

START, FADE_IN, LOOP_START, LOOP_END, FADE_OUT, END = MARKS = (
    "Start", "Fade-in ends", "Loop start", "Loop end", "Fade-out begins", "End"
)  # fmt: skip


@dataclass(frozen=True)
class RecordingMarks:
    """Where the marks of a recording are, in seconds from the start of its file.

    Attributes:
        recording: that is marked.
        found_loop_s: the loop that the program found; None before it is known.
    """

    recording: Recording
    found_loop_s: tuple[float, float] | None = None

    def places(self) -> dict[str, float]:
        """Return the shown marks and their places, in the order of ``MARKS``."""
        start_s, end_s = edits.used_part(self.recording)
        loop_s = self.loop_s
        places = {START: start_s, FADE_IN: start_s + self.recording.fade_in_s}
        if loop_s is not None:
            places |= {LOOP_START: loop_s[0], LOOP_END: loop_s[1]}
        return places | {FADE_OUT: end_s - self.recording.fade_out_s, END: end_s}

    @property
    def loop_s(self) -> tuple[float, float] | None:
        """The user's loop, else the one that was found."""
        own = self.recording.loop
        return (own.start_s, own.end_s) if own is not None else self.found_loop_s

    def text(self, mark: str) -> str:
        """Return a mark with its value."""
        start_s, end_s = edits.used_part(self.recording)
        value = self.places()[mark]
        shown = {FADE_IN: value - start_s, FADE_OUT: end_s - value}.get(mark, value)
        found = " (found)" if mark in (LOOP_START, LOOP_END) and self.recording.loop is None else ""
        return f"{mark}{found}   {seconds_tick(shown)}"

    def moved(self, mark: str, x: float) -> Recording:
        """Return the recording with one mark at another place; no mark passes another one."""
        recording = self.recording
        start_s, end_s = edits.used_part(recording)
        loop_s = self.loop_s or (start_s, end_s)
        match mark:
            case "Start":
                return edits.trimmed(recording, min(x, end_s - edits.LEAST_SECONDS), end_s)
            case "End":
                return edits.trimmed(recording, start_s, max(x, start_s + edits.LEAST_SECONDS))
            case "Fade-in ends":
                room_s = end_s - start_s - recording.fade_out_s
                return edits.faded(recording, min(x - start_s, room_s), recording.fade_out_s)
            case "Fade-out begins":
                room_s = end_s - start_s - recording.fade_in_s
                return edits.faded(recording, recording.fade_in_s, min(end_s - x, room_s))
            case "Loop start":
                return edits.looped(recording, min(x, loop_s[1] - edits.LEAST_LOOP_S), loop_s[1])
        return edits.looped(recording, loop_s[0], x)

    def reset(self, mark: str) -> Recording:
        """Return the recording without what a mark stands for."""
        recording = self.recording
        start_s, end_s = edits.used_part(recording)
        match mark:
            case "Start":
                return edits.trimmed(recording, 0.0, end_s)
            case "End":
                return edits.trimmed(recording, start_s, recording.seconds)
            case "Fade-in ends":
                return edits.faded(recording, 0.0, recording.fade_out_s)
            case "Fade-out begins":
                return edits.faded(recording, recording.fade_in_s, 0.0)
        return edits.without_loop(recording)
