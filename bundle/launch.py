"""Entry point of the app folder: the same program as the command ``synth-app``."""

from synth_app.cli.__main__ import main

if __name__ == "__main__":
    main()
