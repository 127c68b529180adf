"""`python -m server` is `luminous-mcp`."""

from server.cli import main

if __name__ == "__main__":
    main(prog_name="luminous-mcp")
