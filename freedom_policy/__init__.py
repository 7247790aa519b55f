"""Which reforms against human trafficking exist, what each would do, where it stands, and where the gaps are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .tracker import Tracker

    __version__: str

__all__ = ["Tracker", "__version__"]


def __getattr__(name: str) -> Any:
    # Lazily, so that `import freedom_policy` and the CLI's help stay fast.
    if name == "Tracker":
        from .tracker import Tracker

        return Tracker
    if name == "__version__":
        from importlib.metadata import version

        return version("freedom_policy")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
