"""The Dockerfile: built where a builder is, else what it names is there."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE = ROOT / "python/Dockerfile"


def instructions():
    text = re.sub(r"^#.*\n", "", FILE.read_text(), flags=re.M).replace("\\\n", " ")
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in text.splitlines()) if word]


def test_what_it_copies_and_runs_is_there():
    stages = [rest.split(" AS ")[1] for word, rest in instructions() if word == "FROM" and " AS " in rest]
    scripts = json.loads((ROOT / "package.json").read_text())["scripts"]
    ignored = (FILE.parent / "Dockerfile.dockerignore").read_text().split()
    copied, made = [], []
    for word, rest in instructions():
        if word == "COPY" and rest.startswith("--from="):
            assert rest.split()[0].removeprefix("--from=") in stages
            assert rest.split()[1] in made
        elif word == "COPY":
            copied += rest.split()[:-1]
        elif word == "RUN":
            for command in rest.split(" && "):
                words = shlex.split(command)
                if words[:2] == ["npm", "run"]:
                    assert words[2] in scripts
                elif words[0] == "node":
                    assert (ROOT / words[1]).is_file()
                    made += words[words.index("--out") + 1 :]
    assert copied and made
    for path in copied:
        assert (ROOT / path).exists() and not any(Path(path).match(one.removeprefix("**/")) for one in ignored)
    command = json.loads(next(rest for word, rest in instructions() if word == "CMD"))
    assert command[0] == "deepview-tui"


def has_builder():
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], check=False, capture_output=True).returncode == 0


@pytest.mark.skipif(not has_builder(), reason="there is no builder of containers")
def test_it_is_built():
    subprocess.run(["docker", "build", "-f", FILE, "-t", "deepview-tui-test", ROOT], check=True)
    asked = ["docker", "run", "--rm", "deepview-tui-test"]
    code = "import deepview_tui, torch; print(deepview_tui.__version__)"
    subprocess.run([*asked, "python", "-c", code], check=True)
    subprocess.run([*asked, "deepview-tui", "show", "demo"], check=True)
