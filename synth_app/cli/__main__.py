"""``python -m synth_app.cli``, for where the script is not on the path."""

from synth_app.cli.main import main

main()
