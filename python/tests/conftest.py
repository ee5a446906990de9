"""What the tests share: the program, where it is built."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

# Keras looks for TensorFlow otherwise.
os.environ.setdefault("KERAS_BACKEND", "torch")

PROGRAM = Path(__file__).parents[2] / "dist/cli.js"


def pytest_runtest_setup():
    """On a slow machine the rest is skipped, by name, and does not hold up what waits for these tests."""
    if time.time() > float(os.environ.get("DEEPVIEW_PYTHON_UNTIL", "inf")):
        pytest.skip("there is no time left")


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
