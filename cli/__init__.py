"""The command line: argument parsing and printing only; the work is done by the tracker."""

from .app import main

__all__ = ["main"]
