"""What an operator may set: `CERCLE_...` variables, read only at the front doors."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings of one running Cercle; every field is the variable ``CERCLE_<NAME>`` in capitals."""

    model_config = SettingsConfigDict(env_prefix="CERCLE_", extra="ignore", frozen=True)

    data_dir: Annotated[Path, Field(description="Folder of the SQLite file and of what the service keeps.")] = Path(
        "var"
    )
    database_url: Annotated[
        str,
        Field(description="Database URL: `sqlite:///path` or `postgresql://user:password@host/name`. Default: SQLite."),
    ] = ""
    public_url: Annotated[str, Field(description="Address at which people reach the service.")] = (
        "http://127.0.0.1:8000"
    )
    language: Annotated[Literal["en", "fr"], Field(description="Language when a caller states none.")] = "en"
    embedded_worker: Annotated[bool, Field(description="Whether `cercle serve` also runs the worker.")] = True
    pool_size: Annotated[
        int,
        Field(ge=1, le=100, description="Database connections of one process to write, and as many to read."),
    ] = 8
    max_body_bytes: Annotated[int, Field(ge=1024, description="Largest request body, in bytes.")] = 262_144
    rate_limit: Annotated[
        str, Field(description="Requests allowed for one credential, `count/period`; empty: no limit.")
    ] = "600000/minute"
    sign_in_rate_limit: Annotated[
        str, Field(description="Sign-in attempts and links allowed for one address and for one e-mail.")
    ] = "20/minute"
    mail_url: Annotated[
        SecretStr, Field(description="Mail server, `smtp://user:password@host:port`; empty: links go to the console.")
    ] = SecretStr("")
    mail_from: Annotated[str, Field(description="Sender of the service's e-mails.")] = "cercle@localhost"

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @property
    def database(self) -> str:
        """The URL with the driver that the service uses: aiosqlite or asyncpg."""
        url = self.database_url or f"sqlite:///{(self.data_dir / 'cercle.sqlite3').absolute()}"
        scheme, separator, rest = url.partition("://")
        driver = {"sqlite": "sqlite+aiosqlite", "postgres": "postgresql+asyncpg", "postgresql": "postgresql+asyncpg"}
        return f"{driver.get(scheme, scheme)}{separator}{rest}"
