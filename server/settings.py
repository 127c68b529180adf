"""Environment, configuration file and command line, as one typed Settings."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from server.answers.answer import Output
from server.calls import Surface
from server.guard.modes import Writes
from server.upstream.connection import BILLDIARY_URL

APP = "luminous-mcp"
CONFIG_VARIABLE = "LUMINOUS_CONFIG"
JOURNAL_NAME = "journal.sqlite3"
OVERLAY_NAME = "overlay.json"


class SettingsError(Exception):
    """The settings cannot be used; the message says which and what is allowed."""


class _File(TomlConfigSettingsSource):
    """The TOML file, which must not hold the key: it gets copied and committed where an environment does not."""

    def __init__(self, settings_cls: type[BaseSettings], path: Path) -> None:
        super().__init__(settings_cls, path)
        for name in ("api_key", "BILLDIARY_API_KEY", "BILLDIARY_API_SECRET", "BILLDIARY_TOKEN"):
            if name in self.toml_data:
                raise ValueError(f"{name} belongs in the environment, not in a file")


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""Names separated by commas."""
Paths = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_split)]


class Settings(BaseSettings):
    """How this server is set up.

    Each comes from the command line, else from the environment (`LUMINOUS_` before its name), else from the TOML file
    that `LUMINOUS_CONFIG` names or `config.toml` in the user's configuration folder. Keys only from the environment.
    """

    model_config = SettingsConfigDict(env_prefix="LUMINOUS_", extra="forbid", frozen=True)

    company: str | None = None
    api_key: SecretStr | None = None
    base_url: str | None = None
    writes: Writes = Writes.ASK
    output: Output = Output.TEXT
    surface: Surface = Surface.FULL
    toolsets: Names = ()
    tools: Names = ()
    exclude_tools: Names = ()
    files: Paths = ()
    billdiary_api_key: SecretStr | None = Field(None, validation_alias="BILLDIARY_API_KEY")
    billdiary_api_secret: SecretStr | None = Field(None, validation_alias="BILLDIARY_API_SECRET")
    billdiary_token: SecretStr | None = Field(None, validation_alias="BILLDIARY_TOKEN")
    billdiary_base_url: str = Field(BILLDIARY_URL, validation_alias="BILLDIARY_BASE_URL")
    policy: Path | None = Field(None, description="Rules for writes (TOML)")
    state: Path | None = Field(None, description="Where the journal is: a SQLite file, or a folder for it")
    sandbox: bool = False
    seed: int = 1
    size: Literal["small", "medium", "large"] = "medium"
    books: Path | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        path = config_file()
        if not path.is_file():
            return init_settings, env_settings
        return init_settings, env_settings, _File(settings_cls, path)

    @property
    def journal_file(self) -> Path | None:
        """Where the journal is kept; None: in memory, as in a sandbox whose books are forgotten too."""
        if self.state is None:
            return None if self.sandbox else data_folder() / JOURNAL_NAME
        is_folder = self.state.is_dir() or (not self.state.exists() and not self.state.suffix)
        return self.state / JOURNAL_NAME if is_folder else self.state

    @property
    def overlay_file(self) -> Path | None:
        """Where adopted operations are kept: beside the journal; None where that is in memory."""
        journal = self.journal_file
        return None if journal is None else journal.with_name(OVERLAY_NAME)


def config_file() -> Path:
    """The TOML file that settings are read from, if it exists."""
    if named := os.environ.get(CONFIG_VARIABLE):
        return Path(named)
    from platformdirs import user_config_path

    return user_config_path(APP, appauthor=False) / "config.toml"


def data_folder() -> Path:
    """Where the journal of this user is kept."""
    from platformdirs import user_data_path

    return user_data_path(APP, appauthor=False)


def load(**given: Any) -> Settings:
    """The settings in force; what is None in `given` counts as not given. Raises SettingsError."""
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        # The value is left out: it may be the key.
        wrong = error.errors(include_url=False, include_input=False)
        texts = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in wrong]
        raise SettingsError(f"settings: {'; '.join(texts)}") from None
    except (OSError, ValueError) as error:
        raise SettingsError(f"{config_file()}: {error}") from None
    return settings
