"""What a measure would do: relevance, provisions with the words that show them, goals and areas."""

from .lines import classify_lines
from .model import Model, load_model
from .training import train

__all__ = ["Model", "classify_lines", "load_model", "train"]
