"""The version, which is the program's."""

from importlib import metadata

try:
    __version__ = metadata.version("deepview-tui")
except metadata.PackageNotFoundError:
    # Run from a folder that was not installed.
    __version__ = "0"
