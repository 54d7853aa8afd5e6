"""The one frozen settings object: `granary.toml` and `GRANARY_*`, read once and strictly.

Precedence: environment over `granary.toml` over defaults. An unknown name in either refuses to
start, so that a misspelt setting is never silently a default.
"""

import os
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

#: Read by other leaves or the tools themselves, not by this object.
_OTHER_VARIABLES = {"GRANARY_FAILPOINTS", "GRANARY_FAILPOINT_LOG", "GRANARY_PASSWORD"}


class UnknownSettingError(ValueError):
    """A `GRANARY_*` variable names no setting."""


class Settings(BaseSettings):
    """Where each part listens, stores and reads. Ports of 0 mean a free one."""

    model_config = SettingsConfigDict(
        env_prefix="GRANARY_", toml_file="granary.toml", extra="forbid", frozen=True
    )
    prefix: ClassVar[str] = "GRANARY_"

    data: Path = Field(Path(".granary"), description="folder of everything this instance keeps")
    cache: Path = Field(
        Path.home() / ".cache" / "granary", description="downloads shared by instances"
    )
    kafka: str = Field("", description="host:port of a broker; empty: `up` starts one")
    clickhouse: SecretStr = Field(
        SecretStr(""),
        description="clickhouse://user:password@host:port/db; empty: `up` starts the embedded one",
    )
    dashboard_password: SecretStr = Field(
        SecretStr(""), description="password of the store's read-only user `dashboard`"
    )
    control: SecretStr = Field(
        SecretStr(""), description="SQLAlchemy URL of the control store; empty: SQLite under data"
    )
    host: str = Field("127.0.0.1", description="address every part binds to")
    gateway_port: int = 0
    console_port: int = 0
    kafka_port: int = 0
    clickhouse_port: int = 0
    metrics_port: int = Field(0, description="/metrics, /healthz, /readyz of worker, supervision")
    gateway_max_body: int = Field(256 * 1024 * 1024, description="bytes; larger bodies get 413")
    chunk_observations: int = Field(50_000, description="observations a chunk at most")
    drain_observations: int = Field(400_000, description="observations a drain aims at")
    memory_cells: int = Field(
        200_000_000, description="cells of observations the cube keeps in memory at most"
    )
    dead_letter_share: float = Field(
        0.2, description="share of dead records among the last 100 at which a city halts"
    )
    webhook: str = Field("", description="URL that gets a POST for every alert notice; empty: none")
    worker_name: str = Field("worker-1", description="static member id of this worker")
    log_level: str = "INFO"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @cached_property
    def control_url(self) -> str:
        """SQLAlchemy URL of the control store."""
        given = self.control.get_secret_value()
        return given or f"sqlite:///{(self.data / 'control.sqlite').absolute()}"


def read_settings(**overrides: object) -> Settings:
    """Read `granary.toml` of the working folder and `GRANARY_*`; `overrides` win.

    Raises:
        UnknownSettingError: a `GRANARY_*` variable that no setting has.
        pydantic.ValidationError: a value of the wrong kind, an unknown name in the file.
    """
    known = {f"GRANARY_{name.upper()}" for name in Settings.model_fields} | _OTHER_VARIABLES
    for name in os.environ:
        if name.startswith("GRANARY_") and name not in known:
            raise UnknownSettingError(f"{name} is not a setting; `granary settings` lists them all")
    return Settings(**overrides)  # type: ignore[arg-type]


def explained() -> list[dict[str, str]]:
    """Every setting in force: name, value (secrets as dots), whence, meaning.

    Raises: as `read_settings`.
    """
    settings = read_settings()
    file = TomlConfigSettingsSource(Settings)()
    rows = []
    for name, field in Settings.model_fields.items():
        variable = f"GRANARY_{name.upper()}"
        if variable in os.environ:
            whence = variable
        else:
            whence = "granary.toml" if name in file else "default"
        rows.append(
            {
                "name": name,
                "value": str(getattr(settings, name)),
                "whence": whence,
                "meaning": field.description or "",
            }
        )
    return rows
