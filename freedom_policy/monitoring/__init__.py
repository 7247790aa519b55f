"""Where every reform stands: action text to classes, actions to stages, changes, effective dates, families."""

from .lines import monitor_lines
from .rulesets import ruleset_for, unmapped
from .status import assess

__all__ = ["assess", "monitor_lines", "ruleset_for", "unmapped"]
