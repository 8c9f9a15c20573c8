# make run: install what is missing, then play.   make test: install, then lint, types, import rules, tests.
# make docs: build the documentation into site/.   make audio-demo: render docs/audio/demo.ogg again.
# make bundle: build the self-contained app folder dist/synth-app.   make check-bundle: start it and listen.
# make lock: write constraints.txt again with the newest versions.
export PYTHON VENV
ENVIRONMENT = "$$(scripts/environment folder)"
IN = $(ENVIRONMENT)/bin/
# PortAudio for sounddevice; the libraries that Qt's own package leaves to the system.
RUN_PACKAGES := libportaudio2 libegl1 libgl1 libfontconfig1 libdbus-1-3 libxkbcommon-x11-0 libxcb-cursor0 \
  libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libxcb-xkb1
# A compiler for a plug-in to test with, a sound device without hardware, a screen without a monitor, a SoundFont player, checks of desktop files.
TEST_PACKAGES := gcc libc6-dev pulseaudio pulseaudio-utils libasound2-plugins libpulse0 xvfb xauth xdotool libfluidsynth3 desktop-file-utils appstream

.PHONY: run setup setup-test test checks lint types imports kernels tests calculated heard docs audio-demo lock bundle check-bundle
run: setup
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname)" != Linux ]; then \
	  $(IN)synth-app; \
	else \
	  echo "No display here: playing the 20-second demo offscreen instead of opening the window."; \
	  $(IN)synth-app demo --out $(DEMO); \
	fi
# A checkout that cannot be written to: the demo goes to the home folder.
DEMO = "$$([ -w . ] && echo . || echo "$$HOME")"

setup:
	@scripts/system-packages --optional $(RUN_PACKAGES)
	@scripts/environment run >/dev/null
setup-test:
	@scripts/system-packages $(RUN_PACKAGES) $(TEST_PACKAGES)
	@scripts/environment test >/dev/null

test: setup-test
	@$(MAKE) --no-print-directory --jobs 2 checks
	@$(MAKE) --no-print-directory --jobs 2 tests
checks: kernels types lint imports
lint:
	$(IN)ruff check .
	$(IN)ruff format --check .
types:
	$(IN)mypy
imports:
	$(IN)lint-imports
	$(IN)deptry .
kernels:
	@scripts/environment kernels >/dev/null
# One by one what is timed, heard, or seen in a real window; it waits for the clock more than it computes. What only
# calculates or draws takes the time that this leaves, at the lowest priority.
tests: heard calculated
calculated:
	nice -n 19 $(IN)python -m pytest -n auto --maxprocesses 4 --dist worksteal --ignore=tests/audio --ignore=tests/benchmarks -m "not device and not xvfb"
heard:
	$(IN)python -m pytest tests/audio tests/benchmarks
	$(IN)python -m pytest -m "device or xvfb" --ignore=tests/audio --ignore=tests/benchmarks

docs: setup-test
	$(IN)mkdocs build --strict
audio-demo: setup
	$(IN)python scripts/audio_demo.py

# The newest version of every package that the lower and upper bounds allow, for every system and Python.
lock: setup
	$(IN)python -m pip install --quiet --disable-pip-version-check uv
	$(IN)uv pip compile pyproject.toml --universal --python-version 3.11 --all-extras --upgrade --no-annotate \
	  --custom-compile-command "make lock" --quiet --output-file constraints.txt

bundle: setup
	@$(IN)python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bundle]'
	$(IN)pyinstaller --noconfirm --clean bundle/synth-app.spec
# Linux only: it plays into a null sink and opens the window on a screen without a monitor.
check-bundle: bundle
	@scripts/system-packages $(TEST_PACKAGES)
	PYTHONPATH=. $(IN)python bundle/check_app_folder.py dist/synth-app
