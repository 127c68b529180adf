"""`python -m tests.bench.fuzz`: Schemathesis over the sandbox's own OpenAPI document, with stateful links.

No answer may be an error of the server, have an undeclared status or type, or lie outside its schema; the books must be
sound afterwards.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from server.openapi import document
from server.sandbox.audit import audit
from server.sandbox.books import Books

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
ENOUGH = 20_000
_COUNT = re.compile(r"([\d,]+) generated")


@click.command()
@click.option("--examples", default=16, show_default=True, help="Generated requests per operation and phase.")
@click.option("--seed", default=1, show_default=True)
def main(examples: int, seed: int) -> None:
    """Print how many calls were made and what was found; 1 when something was, or when there were too few."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        books = Path(folder) / "company.books"
        said = _run(Path(folder), books, examples, seed)
        with Books.open(books) as left:
            wrong = audit(left)
    calls = int(found[1].replace(",", "")) if (found := _COUNT.search(said.stdout)) else 0
    failed = said.returncode != 0
    if failed:
        click.echo(said.stdout)
    for each in wrong:
        click.echo(each)
    click.echo(
        f"{calls:,} calls in {time.monotonic() - started:.0f} s: {'faults, see above' if failed else 'no fault'}"
    )
    click.echo(f"books afterwards: {f'{len(wrong)} faults' if wrong else 'sound'}")
    sys.exit(1 if failed or wrong or calls < ENOUGH else 0)


def _run(folder: Path, books: Path, examples: int, seed: int) -> subprocess.CompletedProcess[str]:
    spec = folder / "openapi.json"
    spec.write_text(document(), encoding="utf-8")
    command = [sys.executable, "-m", "server.sandbox", "--port", "0", "--books", str(books), "--until-stdin-closes"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as sandbox:
        assert sandbox.stdout is not None
        url = sandbox.stdout.readline().strip().removesuffix("/external/api/v1")
        options = ["--url", url, "--checks", CHECKS, "--phases", "coverage,fuzzing,stateful", "--no-color"]
        options += ["--header", "Authorization: Bearer sandbox", "--generation-with-security-parameters", "false"]
        options += ["--max-examples", str(examples), "--seed", str(seed)]
        schemathesis = Path(sys.executable).with_name("schemathesis")
        said = subprocess.run(
            [schemathesis, "run", spec, *options], cwd=folder, capture_output=True, text=True, check=False
        )
        assert sandbox.stdin is not None
        sandbox.stdin.close()
        sandbox.wait(10)
    return said


if __name__ == "__main__":
    main()
