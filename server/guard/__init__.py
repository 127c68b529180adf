"""The only road to a write: plan, confirmation, journal."""
