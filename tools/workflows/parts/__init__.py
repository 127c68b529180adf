"""What workflows share: who and what is meant, what is owed, ordered and received, how rows are grouped."""
