"""Benchmarks: this server beside a bare one, in the same run. Not part of pytest."""
