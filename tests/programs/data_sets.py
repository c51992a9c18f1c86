"""Declarations of data sets for tests, as a blueprint makes them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def declare(trees: Mapping[str, Path], databases: tuple[str, ...] = (), *, settings: str = "") -> dict[str, Any]:
    """A document of DATA_SETS whose parts are all required; `settings`: the tree that holds the site's settings."""
    return {
        "databases": {name: {"data_class": "required", "loss": f"{name} is lost."} for name in databases},
        "trees": {
            name: {
                "path": str(path),
                "data_class": "required",
                "loss": f"{name} is lost.",
                "copied": "hot",
                "left_out": {},
                "holds": "settings" if name == settings else "",
            }
            for name, path in trees.items()
        },
    }


def make_env(sets: Mapping[str, Any]) -> dict[str, str]:
    """The variable that tells a program of them."""
    return {"DATA_SETS": json.dumps(sets)}
