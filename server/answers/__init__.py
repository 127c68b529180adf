"""What comes back: lists as summaries with compact rows, records as facts, errors as advice; all within a budget."""
