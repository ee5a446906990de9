"""Pictures of runs in notebooks, by IPython without a server."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import PROGRAM

import deepview_tui as dv
from deepview_tui import notebook
from deepview_tui import program as program_module

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def on_path(tmp_path, monkeypatch, program):
    """The built program as the command on PATH."""
    command = tmp_path / "bin/deepview-tui"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec node {PROGRAM} "$@"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{command.parent}{os.pathsep}{os.environ['PATH']}")


def one_run(directory, epochs=2):
    run = dv.Run(directory, layers=[dv.Layer("conv1", 3)], labels=[0, 0, 1, 1], epochs=epochs, strict=True)
    run.log(samples={"conv1": np.eye(4, 3)}, loss=1)
    return run


def test_a_recorder_is_shown_as_it_is_now(tmp_path, on_path):
    with one_run(tmp_path / "run") as run:
        first = run._repr_png_()
        assert first.startswith(PNG)
        run.log(samples={"conv1": np.eye(4, 3) * 2}, loss=0.5)
        assert notebook.Shown(run).png() != first
    assert notebook.Shown(tmp_path / "run", "conv1", metric="density", size="80x24").png().startswith(PNG)
    with pytest.raises(dv.RecordingError, match="no layer") as told:
        notebook.Shown(tmp_path / "run", "conv9").png()
    assert "\n" not in str(told.value)


CELLS = """
import sys
import numpy as np
import deepview_tui as dv

outputs = []
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.displaypub import DisplayPublisher

class Publisher(DisplayPublisher):
    def publish(self, data, metadata=None, *, transient=None, update=False, **_):
        outputs.append((update, (transient or {}).get("display_id"), sorted(data)))

shell = InteractiveShell.instance(display_pub_class=Publisher)
def cell(text):
    shell.run_cell(text).raise_error()

cell("import numpy as np, deepview_tui as dv")
cell(f"run = dv.Run({sys.argv[1]!r}, layers=[dv.Layer('a', 2)], epochs=3, strict=True)")
cell("run.log(samples={'a': np.eye(4, 2)}, loss=1); shown = dv.show(run)")
cell("for epoch in (2, 3): run.log(samples={'a': np.eye(4, 2)}, loss=1 / epoch); shown.update()")
cell("run.close(); again = dv.show(run.directory, live=True)")
assert [one[0] for one in outputs] == [False, True, True, False], outputs
assert len({one[1] for one in outputs[:3]}) == 1 and outputs[3][1] != outputs[0][1], outputs
assert all("image/png" in one[2] for one in outputs), outputs
"""


def test_a_cell_shows_a_run_live(tmp_path, on_path):
    pytest.importorskip("IPython")
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path / "ipython")}
    command = [sys.executable, "-c", CELLS, tmp_path / "run"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-4000:]


def test_without_the_program_it_says_what_brings_it(tmp_path, monkeypatch):
    with one_run(tmp_path / "run") as run:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(dv.RecordingError, match="npm install -g deepview-tui"):
            notebook.Shown(run).png()
        # A notebook has its words then.
        assert run._repr_png_() is None


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """The command that pip makes of an installation without the program, first on a PATH with nothing else."""
    monkeypatch.setattr(program_module, "_PROGRAM", tmp_path / "none")
    own = tmp_path / "scripts/deepview-tui"
    own.parent.mkdir()
    package = Path(dv.__file__).parents[1]
    lines = [f"#!{sys.executable}", "import sys", f"sys.path.insert(0, {str(package)!r})"]
    own.write_text("\n".join([*lines, "from deepview_tui.program import main", "sys.exit(main())", ""]))
    own.chmod(0o755)
    monkeypatch.setenv("PATH", str(own.parent))
    return own


def says_that_there_is_none(command):
    done = subprocess.run([command], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "the recorder alone" in done.stderr


def test_the_command_of_this_package_is_not_taken_for_the_program(bare):
    with pytest.raises(dv.RecordingError, match="the recorder alone"):
        program_module.command()
    says_that_there_is_none(bare)


def test_the_program_is_found_behind_the_command_of_this_package(bare, monkeypatch, on_path):
    monkeypatch.setenv("PATH", str(bare.parent), prepend=os.pathsep)
    assert program_module.command() == [os.environ["PATH"].split(os.pathsep)[1] + "/deepview-tui"]


def test_what_leads_back_to_the_command_is_not_run_for_ever(bare, tmp_path, monkeypatch):
    shim = tmp_path / "shims/deepview-tui"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec {bare} "$@"\n')
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(shim.parent))
    says_that_there_is_none(shim)


def test_what_writes_no_run_has_nothing_to_show():
    class Recorder:
        """As of a rank that does not write, or of a framework before its training begins."""

        run = None

    with pytest.raises(dv.RecordingError, match="there is no run to show here"):
        dv.show(Recorder())


def test_a_rank_that_writes_no_run_shows_its_words(tmp_path):
    torch = pytest.importorskip("torch")
    from deepview_tui.torch.recorder import Recorder, _Schedule

    recorder = Recorder.silent(torch.nn.Linear(2, 2), _Schedule("epoch"), strict=True)
    assert recorder._repr_png_() is None
