"""The questions are asked of the books that the tests of workflows use."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "server"))
