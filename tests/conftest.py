"""What every test shares: one event loop, and an environment that nobody's own settings reach into."""

import os
from collections.abc import Iterator

import hypothesis
import pytest

hypothesis.settings.register_profile("tests", deadline=None)
hypothesis.settings.load_profile("tests")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("LUMINOUS_")]:
            patch.delenv(name)
        patch.setenv("LUMINOUS_CONFIG", str(tmp_path_factory.mktemp("settings") / "none.toml"))
        yield
