"""Entry point of ``python -m synth_app``, the same as the command ``synth-app``."""

from synth_app.cli.__main__ import main

if __name__ == "__main__":
    main()
