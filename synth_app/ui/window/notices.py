"""What the window tells the user: information for a while, and problems until they are read."""

from PySide6.QtCore import QObject, Signal

from synth_app.ui.base.plain_text import sentence
from synth_app.ui.widgets.toast import Toast
from synth_app.ui.window.status_line import StatusLine

_MAX_WAITING = 50


class Notices(QObject):
    """Shows messages in the status line and in the toast, across rebuilds of the window.

    The first problem stays in the status line until the user dismisses it; then the next one follows. A problem that
    waits, or is too long for the line, is also shown in the toast. Information goes to the toast meanwhile.

    Attributes:
        problem: signal; emitted with the text of each problem that ``show_problem`` gets.
    """

    problem = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: list[str] = []  # the first one is in the status line
        self._status: StatusLine | None = None
        self._toast: Toast | None = None

    @property
    def problems(self) -> tuple[str, ...]:
        """The problems that the user has not dismissed, oldest first."""
        return tuple(self._waiting)

    def attach(self, status: StatusLine, toast: Toast) -> None:
        """Show messages in the widgets of a new workspace, beginning with the problems that are not read yet."""
        self._status, self._toast = status, toast
        status.dismissed.connect(self.dismiss)
        toast.ended.connect(self.show_whole)
        self._show()

    def show_message(self, text: str) -> None:
        """Show information for a while, beside a problem that is not read yet.

        What is too long for the status line is also shown in the toast.
        """
        if self._waiting and self._toast is not None:
            self._toast.show_text(text)
        elif self._status is not None:
            self._status.show_message(text)
            cut = self._status.isVisible() and not self._status.message.fits()
            if cut and self._toast is not None and not self._toast.isVisible():
                self._toast.show_text(text)

    def show_problem(self, text: str) -> None:
        """Show a problem until it is read, after those before it."""
        self.keep_problem(text)
        self.problem.emit(text)

    def keep_problem(self, text: str) -> None:
        """Show a problem as ``show_problem``, without the signal."""
        if text in self._waiting:
            return
        self._waiting.append(text)
        del self._waiting[1:-_MAX_WAITING]
        self._show()
        if len(self._waiting) > 1 and self._toast is not None:
            self._toast.show_text(sentence(text))

    def withdraw(self, text: str) -> None:
        """Remove a problem that no longer exists."""
        if text in self._waiting:
            self._waiting.remove(text)
            self._show()

    def dismiss(self) -> None:
        """Remove the problem in the status line, which the user has read, and show the next one."""
        if self._waiting:
            self.withdraw(self._waiting[0])

    def show_whole(self) -> None:
        """Show the first problem in the toast if it is too long for the status line and nothing else is there."""
        if self._status is None or self._toast is None or self._toast.isVisible() or not self._waiting:
            return
        if not self._status.message.fits():
            self._toast.show_text(sentence(self._waiting[0]), "Dismiss", self.dismiss, lasting=True)

    def _show(self) -> None:
        if self._status is None or self._toast is None:
            return
        if self._toast.lasting:
            self._toast.hide()
        if self._waiting:
            self._status.show_problem(sentence(self._waiting[0]), len(self._waiting))
        else:
            self._status.clear_problem()
        self.show_whole()
