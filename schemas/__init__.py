"""What the data looks like: types of arguments and records. No I/O, no MCP."""
