"""Where every reform stands: action text to classes, actions to stages, changes, effective dates, families."""
