"""A key in the system's keyring: kept, used and dropped, and never said."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from harness import environment, run
from loopback import loopback

SECRET = "lk-0815-kept-in-the-ring"


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A user with a keyring and folders of their own."""
    return environment(
        HOME=str(tmp_path),
        XDG_DATA_HOME=str(tmp_path / "data"),
        PYTHONPATH=os.pathsep.join([str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]),
        PYTHON_KEYRING_BACKEND="fakering.Filed",
        FAKERING=str(tmp_path / "ring.json"),
    )


def login(env: dict[str, str], *options: str, stdin: str = f"{SECRET}\n") -> tuple[int, str]:
    """The exit code, and all that was said; the key never is."""
    ended = run(env, "login", "--company", "acme", *options, stdin=stdin)
    said = ended.stdout + ended.stderr
    assert SECRET not in said
    assert "Traceback" not in said
    return ended.returncode, said


def files_that_say_it(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]


def test_a_key_is_kept_in_the_ring_used_from_there_and_dropped(env: dict[str, str], tmp_path: Path) -> None:
    code, said = login(env)
    assert code == 0, said
    assert files_that_say_it(tmp_path) == ["ring.json"]
    with loopback(lambda exchange: exchange.json({"data": []})) as api:
        here = {**env, "LUMINOUS_COMPANY": "acme", "LUMINOUS_BASE_URL": api.base_url}
        examined = run(here, "doctor")
        assert {each.headers["authorization"] for each in api.received} == {f"Bearer {SECRET}"}
        # Another company's key is another key, and the environment comes first.
        assert run({**here, "LUMINOUS_COMPANY": "other"}, "doctor").returncode != 0
        run({**here, "LUMINOUS_API_KEY": "from-the-environment"}, "doctor")
        assert api.received[-1].headers["authorization"] == "Bearer from-the-environment"
    assert examined.returncode == 0, examined.stderr
    assert SECRET not in examined.stdout + examined.stderr
    assert login(env, "--forget") == (0, "Dropped.\n")
    assert json.loads((tmp_path / "ring.json").read_text()) == {}
    assert login(env, "--forget") == (0, "There was none.\n")


@pytest.mark.parametrize(
    ("backend", "words"),
    [
        ("keyring.backends.null.Keyring", "keeps nothing"),
        ("keyring.backends.fail.Keyring", "cannot be used"),
        ("fakering.Chatty", "cannot be used (LookupError)"),
    ],
)
def test_a_keyring_that_does_not_keep_it_is_told_and_says_nothing_of_the_key(
    env: dict[str, str], tmp_path: Path, backend: str, words: str
) -> None:
    code, said = login({**env, "PYTHON_KEYRING_BACKEND": backend})
    assert code != 0
    assert words in said
    assert "set LUMINOUS_API_KEY instead" in said
    assert files_that_say_it(tmp_path) == []


def test_a_keyring_that_fails_later_is_like_no_key(env: dict[str, str]) -> None:
    assert login(env)[0] == 0
    chatty = {**env, "PYTHON_KEYRING_BACKEND": "fakering.Chatty"}
    ended = run({**chatty, "LUMINOUS_COMPANY": "acme"}, "doctor")
    assert ended.returncode != 0
    assert "LUMINOUS_API_KEY" in ended.stderr
    assert SECRET not in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    assert login(chatty, "--forget")[0] != 0
