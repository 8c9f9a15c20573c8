# make run: install what is missing, then play.   make test: install, then lint, types, import rules, tests.
# make docs: build the documentation into site/.   make audio-demo: render docs/audio/demo.ogg again.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# PortAudio for sounddevice; the libraries that Qt's own package leaves to the system.
RUN_PACKAGES := libportaudio2 libegl1 libgl1 libfontconfig1 libdbus-1-3 libxkbcommon-x11-0 libxcb-cursor0 \
  libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libxcb-xkb1
# A compiler for a plug-in to test with, a sound device without hardware, a screen without a monitor, a SoundFont player.
TEST_PACKAGES := gcc libc6-dev pulseaudio pulseaudio-utils libasound2-plugins libpulse0 xvfb xauth xdotool libfluidsynth3

.PHONY: run setup setup-test test lint types imports tests docs audio-demo
run: setup
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname)" != Linux ]; then \
	  $(BIN)/synth-app; \
	else \
	  echo "No display here: playing the 20-second demo offscreen instead of opening the window."; \
	  $(BIN)/synth-app demo; \
	fi

setup: $(VENV)/.ready
$(VENV)/.ready: pyproject.toml
	@scripts/system-packages $(RUN_PACKAGES)
	@test -n "$(PYTHON)" && "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: sudo apt-get install python3.11 python3.11-venv" >&2; exit 1; }
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "Python's venv module is missing: sudo apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing the Python packages into $(VENV) (about 840 MB) ..."
	@$(PIP) --editable .
	@echo "Compiling the sound engine's kernels (once, about a minute) ..."
	@$(BIN)/python -m compileall -q synth_app
	@$(BIN)/python -m synth_app.engine.warmup
	@touch $@

setup-test: $(VENV)/.ready-test
$(VENV)/.ready-test: $(VENV)/.ready
	@scripts/system-packages $(TEST_PACKAGES)
	@echo "Installing the training and test packages (torch among them) ..."
	@$(PIP) --editable '.[train,dev]'
	@touch $@

test: setup-test lint types imports tests
lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
types:
	$(BIN)/mypy
imports:
	$(BIN)/lint-imports
	$(BIN)/deptry .
# Side by side what only calculates; one by one what is timed, heard or seen.
tests:
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --ignore=tests/audio --ignore=tests/benchmarks --ignore=tests/ui
	$(BIN)/python -m pytest tests/audio tests/benchmarks tests/ui

docs: setup-test
	$(BIN)/mkdocs build --strict
audio-demo: setup
	$(BIN)/python scripts/audio_demo.py
