"""What the tests share: the program, where it is built."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

# Keras looks for TensorFlow otherwise.
os.environ.setdefault("KERAS_BACKEND", "torch")

PROGRAM = Path(__file__).parents[2] / "dist/cli.js"


@pytest.fixture(scope="session")
def program():
    """Runs the built program and gives the JSON that it prints."""
    if not PROGRAM.exists() or shutil.which("node") is None:
        pytest.skip("the program is not built, or there is no node")

    def ask(*arguments):
        done = subprocess.run(
            ["node", PROGRAM, *map(str, arguments), "--json"], check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return ask
