"""Which reforms against human trafficking exist, what each would do, where it stands, and where the gaps are."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .tracker import Tracker

__all__ = ["Tracker", "__version__"]
__version__ = version("freedom_policy")


def __getattr__(name: str) -> Any:
    # Lazily, so that `import freedom_policy` and the CLI's help stay fast.
    if name == "Tracker":
        from .tracker import Tracker

        return Tracker
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
