"""What a measure would do: relevance, provisions with the words that show them, goals and areas."""

from .evaluation import Evaluation, cross_validate, evaluate
from .explain import explain
from .lines import classify_lines
from .model import Model, load_model
from .training import train

__all__ = ["Evaluation", "Model", "classify_lines", "cross_validate", "evaluate", "explain", "load_model", "train"]
