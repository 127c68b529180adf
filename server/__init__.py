"""How operations run: command line, MCP front, upstream HTTP, guard, answers, sandbox."""

__version__ = "0.1.0"
