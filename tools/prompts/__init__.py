"""Prompts for the everyday jobs: which tools to call in which order, what to show, where to stop and ask."""
