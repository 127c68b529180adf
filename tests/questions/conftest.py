"""The questions are asked of the books that the tests of workflows use."""

import sys
from pathlib import Path

_TESTS = Path(__file__).parents[1] / "server"
sys.path[:0] = [str(_TESTS), str(_TESTS / "workflows")]
