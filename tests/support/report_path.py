"""A child process for tests: prints its arguments and what it imports, as JSON."""

import json
import os
import sys
import time


def report() -> dict[str, object]:
    """Return arguments, import path, the file of numpy and a variable of the environment."""
    import numpy

    variable = os.environ.get("SYNTH_APP_TEST")
    return {"arguments": sys.argv[1:], "path": sys.path, "numpy": numpy.__file__, "variable": variable}


if __name__ == "__main__":
    if sys.argv[1:] == ["wait"]:
        time.sleep(60)
    print(json.dumps(report()))
