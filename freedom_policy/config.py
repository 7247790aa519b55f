"""Where the store is and which keys we hold: from options, the environment, and a config file, in that order.

The file is TOML::

    db = "sqlite:////home/me/freedom.sqlite"

    [keys]
    openstates = "..."
    legiscan = "..."

    [keys.legistar]
    nyc = "..."

    [[help_lines]]          # shown in a digest's foot
    name = "..."
    contact = "..."
    source = "..."          # who says so
    checked_on = 2026-11-01 # when somebody last tried it
"""

from __future__ import annotations

import os
import stat
import sys
import tomllib
from pathlib import Path
from typing import Any

from platformdirs import user_config_path, user_data_path
from pydantic import Field

from .errors import BadInput
from .records import Record

ENVIRONMENT_DB = "FREEDOM_POLICY_DB"
_KEY_PREFIX = "FREEDOM_POLICY_"


class Config(Record):
    """What a config file and the environment say. Keys are never printed."""

    path: Path
    values: dict[str, Any] = Field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Config({str(self.path)!r})"

    @property
    def db(self) -> str:
        """The database URL: ``$FREEDOM_POLICY_DB``, else the file's ``db``, else SQLite in the user's data folder."""
        if url := os.environ.get(ENVIRONMENT_DB) or self.values.get("db"):
            return str(url)
        folder = user_data_path("freedom_policy", appauthor=False, ensure_exists=True)
        return f"sqlite:///{(folder / 'freedom_policy.sqlite').as_posix()}"

    def key(self, source: str, client: str | None = None) -> str | None:
        """The key or token for a source (for Legistar, for one client of it); None if there is none."""
        if source == "legistar":
            name = client or ""
            variable = f"{_KEY_PREFIX}LEGISTAR_TOKEN_{name.upper().replace('-', '_')}"
            return os.environ.get(variable) or self.values.get("keys", {}).get("legistar", {}).get(name)
        variable = f"{_KEY_PREFIX}{source.upper().replace('-', '_')}_KEY"
        value = os.environ.get(variable) or self.values.get("keys", {}).get(source)
        return value if isinstance(value, str) else None


def default_path() -> Path:
    """Where the config file is looked for when none is named."""
    return user_config_path("freedom_policy", appauthor=False) / "config.toml"


def load(path: str | Path | None = None) -> Config:
    """Read the config file; a missing default file is an empty configuration.

    Raises:
        BadInput: a named file that is not there, is no TOML, or holds keys that other users of the machine can read.
    """
    file = Path(path) if path else default_path()
    if not file.exists():
        if path:
            raise BadInput(f"Config file {str(path)!r} is not there. Create it or leave --config out.")
        return Config(path=file)
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise BadInput(f"Config file {str(file)!r} cannot be read: {error}.") from error
    smtp = values.get("smtp")
    secret = values.get("keys") or (isinstance(smtp, dict) and smtp.get("password"))
    if secret and sys.platform != "win32" and file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        raise BadInput(f"Config file {str(file)!r} holds secrets and others can read it. Run: chmod 600 {file}")
    return Config(path=file, values=values)
