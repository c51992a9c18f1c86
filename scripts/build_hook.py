"""Compiles the texts when a wheel is built, so that it speaks French: hatchling calls it (pyproject.toml)."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledTexts(BuildHookInterface):
    """Runs before the files of a wheel are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the hook's signature
        """Compile what is older than its source. Raise CalledProcessError when a catalogue is wrong."""
        subprocess.run([sys.executable, str(Path(self.root) / "scripts" / "compile_texts.py")], check=True, timeout=120)
