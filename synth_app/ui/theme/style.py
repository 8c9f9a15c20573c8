"""The style sheet of Qt's own controls: every state of every control."""

from PySide6.QtCore import QDir

from synth_app.support.resources import resource_folder
from synth_app.ui.theme.theme import FAMILY, GRID, RADIUS, TYPE, Theme


def style_sheet(theme: Theme) -> str:
    """Return the application's style sheet in the colours and at the zoom of ``theme``."""
    sections = (_surfaces, _buttons, _fields, _lists, _menus, _scrolling)
    return "".join(section(theme) for section in sections)


def _surfaces(theme: Theme) -> str:
    """Style windows, labels and panels."""
    c = theme.palette
    sizes = {role: theme.px(size) for role, (size, _) in TYPE.items()}
    radius = theme.px(RADIUS)
    return f"""
* {{ font-family: "{FAMILY}", "DejaVu Sans", sans-serif; font-size: {sizes["body"]}px; color: {c.text}; }}
QMainWindow {{ background: {c.window}; }}
QDialog, QMessageBox, QFileDialog {{ background: {c.panel}; }}
QLabel {{ background: transparent; }}
QLabel[role="title"] {{ font-size: {sizes["title"]}px; font-weight: 600; }}
QLabel[role="heading"] {{ font-size: {sizes["heading"]}px; font-weight: 600; }}
QLabel[role="muted"] {{ color: {c.muted}; }}
QLabel[role="caption"] {{ color: {c.muted}; font-size: {sizes["caption"]}px; }}
QLabel[role="problem"] {{ color: {c.danger}; }}
QFrame[panel="true"] {{ background: {c.panel}; border-radius: {radius}px; }}
QFrame[well="true"] {{ background: {c.well}; border-radius: {radius}px; }}
"""


def _buttons(theme: Theme) -> str:
    """Style buttons."""
    c, px = theme.palette, theme.px
    pad, radius = theme.px(GRID), theme.px(RADIUS)
    return f"""
QPushButton, QToolButton {{ background: {c.raised}; border: 1px solid {c.line}; border-radius: {radius}px;
  padding: 0 {px(12)}px; min-height: {px(30)}px; outline: none; }}
QToolButton {{ padding: 0; min-width: {px(30)}px; qproperty-iconSize: {px(16)}px {px(16)}px; }}
QPushButton:hover, QToolButton:hover {{ background: {c.hover}; border-color: {c.border}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {c.pressed}; }}
QPushButton:focus, QToolButton:focus {{ border: 2px solid {c.focus}; padding: 0 {px(12) - 1}px; }}
QToolButton:focus {{ padding: 0; }}
QPushButton:disabled, QToolButton:disabled {{ color: {c.disabled}; background: {c.panel}; border-color: {c.line}; }}
QPushButton[kind="primary"] {{ background: {c.accent}; color: {c.on_accent}; font-weight: 600;
  border-color: {c.accent}; }}
QPushButton[kind="primary"]:focus {{ border-color: {c.focus}; }}
QPushButton[kind="primary"]:hover {{ background: {c.accent_hover}; }}
QPushButton[kind="primary"]:disabled {{ background: {c.raised}; color: {c.disabled}; border-color: {c.line}; }}
QLineEdit > QToolButton, QLineEdit > QToolButton:hover, QLineEdit > QToolButton:pressed {{ background: transparent;
  border: none; min-width: 0; min-height: 0; }}
QPushButton[kind="quiet"], QToolButton[kind="quiet"] {{ background: transparent; border-color: transparent;
  color: {c.muted}; min-height: {px(22)}px; padding: 0 {pad}px; }}
QToolButton[kind="quiet"] {{ padding: 0; min-width: {px(20)}px; }}
QPushButton[kind="quiet"]:hover, QToolButton[kind="quiet"]:hover {{ background: {c.hover}; color: {c.text}; }}
QToolButton[kind="quiet"]:checked {{ background: {c.raised}; border-color: {c.accent}; }}
QPushButton[kind="quiet"]:focus, QToolButton[kind="quiet"]:focus {{ border: 2px solid {c.focus}; }}
QPushButton[kind="quiet"]:disabled, QToolButton[kind="quiet"]:disabled {{ background: transparent;
  border-color: transparent; color: {c.disabled}; }}
QToolButton[kind="segment"] {{ background: transparent; border-color: transparent; color: {c.muted};
  min-height: {px(22)}px; padding: 0 {pad}px; }}
QToolButton[kind="segment"]:hover {{ background: {c.hover}; color: {c.text}; }}
QToolButton[kind="segment"]:checked {{ background: {c.raised}; color: {c.text}; font-weight: 600;
  border-color: {c.border}; }}
QToolButton[kind="segment"]:focus {{ border: 2px solid {c.focus}; padding: 0 {pad - 1}px; }}
QPushButton:checked {{ border-color: {c.danger}; color: {c.danger}; }}
QPushButton::menu-indicator, QToolButton::menu-indicator {{ image: none; width: 0; }}
"""


def _fields(theme: Theme) -> str:
    """Style text fields, combo boxes and spin boxes."""
    c, px = theme.palette, theme.px
    pad, half, radius = theme.px(GRID), theme.px(GRID / 2), theme.px(RADIUS)
    return f"""
QComboBox, QLineEdit, QSpinBox, QDoubleSpinBox {{ background: {c.well}; border: 1px solid {c.line};
  border-radius: {radius}px; padding: 0 {pad}px; min-height: {px(30)}px;
  selection-background-color: {c.accent}; selection-color: {c.on_accent}; }}
QComboBox:hover, QLineEdit:hover, QSpinBox:hover, QDoubleSpinBox:hover {{ border-color: {c.border}; }}
QComboBox:focus, QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus {{ border: 2px solid {c.focus};
  padding: 0 {pad - 1}px; }}
*[refused="true"], *[refused="true"]:focus {{ border: 2px solid {c.danger}; padding: 0 {pad - 1}px; }}
QComboBox:disabled, QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled {{ color: {c.disabled}; }}
QLineEdit[kind="inline"] {{ min-height: {px(20)}px; padding: 0 {px(2)}px; }}
QLineEdit[kind="inline"]:read-only {{ background: transparent; border-color: transparent; }}
QLineEdit[kind="inline"]:read-only:hover {{ border-color: {c.line}; }}
QComboBox > QLineEdit, QComboBox > QLineEdit:focus {{ background: transparent; border: none; padding: 0;
  min-height: 0; }}
QComboBox[compact="true"], QLineEdit[compact="true"] {{ min-height: {px(22)}px; }}
QComboBox::drop-down {{ border: none; width: {px(20)}px; }}
QComboBox::down-arrow {{ image: none; width: 0; height: 0; border-left: {px(4)}px solid {c.well};
  border-right: {px(4)}px solid {c.well}; border-top: {px(5)}px solid {c.muted}; margin-right: {half}px; }}
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {{
  border: none; background: {c.raised}; width: {px(18)}px; }}
QSpinBox::up-button:hover, QSpinBox::down-button:hover, QDoubleSpinBox::up-button:hover,
QDoubleSpinBox::down-button:hover {{ background: {c.hover}; }}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{ image: none; width: 0; height: 0;
  border-left: {px(3)}px solid {c.raised}; border-right: {px(3)}px solid {c.raised};
  border-bottom: {px(4)}px solid {c.muted}; }}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{ image: none; width: 0; height: 0;
  border-left: {px(3)}px solid {c.raised}; border-right: {px(3)}px solid {c.raised};
  border-top: {px(4)}px solid {c.muted}; }}
"""


def _lists(theme: Theme) -> str:
    """Style lists, headers and check boxes."""
    c, px = theme.palette, theme.px
    sizes = {role: theme.px(size) for role, (size, _) in TYPE.items()}
    pad, half = theme.px(GRID), theme.px(GRID / 2)
    QDir.setSearchPaths("ticks", [str(resource_folder("assets") / "ticks")])  # its path may hold quotes
    return f"""
QComboBox QAbstractItemView, QTreeView, QListView, QTableView {{ background: {c.panel};
  border: 1px solid {c.line}; outline: none; padding: {half}px;
  selection-background-color: {c.hover}; selection-color: {c.text}; }}
QAbstractItemView::item {{ min-height: {px(24)}px; padding: 0 {half}px; border-radius: {half}px; }}
QAbstractItemView::item:hover {{ background: {c.raised}; }}
QAbstractItemView::item:selected {{ background: {c.hover}; color: {c.text}; }}
QAbstractItemView::item:disabled {{ color: {c.disabled}; }}
QTableView {{ padding: 0; gridline-color: {c.line}; }}
QTableCornerButton::section {{ background: {c.panel}; border: none; }}
QHeaderView {{ background: {c.panel}; }}
QHeaderView::section {{ background: {c.panel}; color: {c.muted}; border: none; border-bottom: 1px solid {c.line};
  padding: 0 {half}px; min-height: {px(22)}px; font-size: {sizes["caption"]}px; }}
QCheckBox {{ spacing: {pad}px; min-height: {px(22)}px; background: transparent; }}
QCheckBox::indicator, QTreeView::indicator {{ width: {px(14)}px; height: {px(14)}px; background: {c.well};
  border: 1px solid {c.border}; border-radius: {px(3)}px; }}
QCheckBox::indicator:hover, QTreeView::indicator:hover {{ border-color: {c.text}; }}
QCheckBox::indicator:checked, QTreeView::indicator:checked {{ background: {c.accent}; border-color: {c.accent};
  image: url("ticks:{theme.name}.svg"); }}
QCheckBox:focus {{ color: {c.accent}; }}
"""


def _menus(theme: Theme) -> str:
    """Style menus and tooltips."""
    c, px = theme.palette, theme.px
    pad, half = theme.px(GRID), theme.px(GRID / 2)
    return f"""
QMenu {{ background: {c.panel}; border: 1px solid {c.line}; padding: {half}px; }}
QMenu::item {{ padding: {half}px {px(24)}px {half}px {px(16)}px; border-radius: {half}px; min-height: {px(16)}px; }}
QMenu::item:selected {{ background: {c.hover}; }}
QMenu::item:disabled {{ color: {c.disabled}; }}
QMenu::separator {{ height: 1px; background: {c.line}; margin: {half}px {pad}px; }}
QToolTip {{ background: {c.raised}; color: {c.text}; border: 1px solid {c.border}; padding: {half}px {pad}px; }}
"""


def _scrolling(theme: Theme) -> str:
    """Style scroll bars and progress bars."""
    c, px = theme.palette, theme.px
    half = theme.px(GRID / 2)
    return f"""
QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: {px(10)}px; margin: 0; }}
QScrollBar::handle:vertical {{ background: {c.border}; border-radius: {px(3)}px; min-height: {px(32)}px;
  margin: 0 {px(2)}px; }}
QScrollBar::handle:vertical:hover {{ background: {c.muted}; }}
QScrollBar:horizontal {{ background: transparent; height: {px(10)}px; }}
QScrollBar::handle:horizontal {{ background: {c.border}; border-radius: {px(3)}px; margin: {px(2)}px 0; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
  background: none; width: 0; height: 0; }}
QProgressBar {{ background: {c.well}; border: 1px solid {c.line}; border-radius: {half}px; min-height: {px(10)}px;
  max-height: {px(10)}px; text-align: center; color: transparent; }}
QProgressBar::chunk {{ background: {c.accent}; border-radius: {px(3)}px; }}
"""
