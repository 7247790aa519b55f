"""What was counted before and after a law took effect: a description, never an effect.

A series that the user brings is shown with the day of the law, who counted, and what else changed. The direction that was
expected is fixed in ``data/outcomes`` and told first.
"""

from .building import build_impact, impact_from
from .outcomes import Indicators, Outcome, read
from .page import Impact

__all__ = ["Impact", "Indicators", "Outcome", "build_impact", "impact_from", "read"]
