"""Writes under faults: broken requests and connections, killed processes; and what became of each write."""
