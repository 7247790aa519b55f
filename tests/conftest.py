"""Fixtures that all rooms share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the real records; tests that need it are skipped, with the reason, where it is not."""
    root = Path(os.environ.get("FREEDOM_POLICY_SHARED", Path(__file__).parents[2] / "shared"))
    if not (root / "corpus").is_dir():
        pytest.skip(f"needs the shared corpus; {root} is not there (set FREEDOM_POLICY_SHARED)")
    return root
