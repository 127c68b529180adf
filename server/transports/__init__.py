"""How protocol messages travel: stdio and streamable HTTP."""
