"""What a measure would really do: anchors, relevance, provisions, roll-up, training, evaluation."""
