"""What benchmarks run beside each other: the bare upstream as a process, and the environment of our server on it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
OURS = (sys.executable, "-P", "-m", "server")


@contextmanager
def upstream(bills: int, delay_ms: int, per_second: int = 0) -> Iterator[str]:
    """A process that answers with bills; gives its base URL. per_second: requests it takes, 0 is any number."""
    command = [sys.executable, str(HERE / "upstream.py"), str(bills), str(delay_ms), str(per_second)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def environment(base_url: str) -> dict[str, str]:
    """The environment of our server on that upstream."""
    keys = {"LUMINOUS_API_KEY": "bench", "BILLDIARY_TOKEN": "bench"}  # Both systems, so that every tool is listed.
    return {**os.environ, **keys, "LUMINOUS_BASE_URL": base_url, "LUMINOUS_CONFIG": os.devnull}
