"""Where the store is and which keys we hold: from options, the environment, and a config file, in that order.

The file is TOML::

    db = "sqlite:////home/me/freedom.sqlite"
    reviewer = "..."        # who decides in the review queue
    model = "..."           # a model file of one's own

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

    [smtp]                  # host, port, sender, user, password, tls: the mail server for watches
    [[schedule]]            # what ``freedom-policy jobs`` does when

A word that is none of these is refused, so that a misspelt key is not silently a missing one.
"""

from __future__ import annotations

import os
import stat
import sys
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from platformdirs import user_config_path, user_data_path
from pydantic import Field

from .errors import BadInput, did_you_mean
from .records import Record

ENVIRONMENT_DB = "FREEDOM_POLICY_DB"
_KEY_PREFIX = "FREEDOM_POLICY_"
_WORDS = ("db", "help_lines", "keys", "model", "reviewer", "schedule", "smtp")


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
            return os.environ.get(_variable(source, name)) or self.values.get("keys", {}).get("legistar", {}).get(name)
        value = os.environ.get(_variable(source)) or self.values.get("keys", {}).get(source)
        return value if isinstance(value, str) else None

    def check_keys(self, known: Mapping[str, Collection[str]]) -> None:
        """Check the names in ``[keys]``: a misspelt one would be a key that is never used.

        Args:
            known: sources that take a key; for those with a key for each client, their clients, else nothing.

        Raises:
            BadInput: no such source or client, or a key that is no text; the message names near matches.
        """
        for source, value in self.values.get("keys", {}).items():
            clients = known.get(source)
            if clients is None:
                raise self._unknown(f"[keys] {source}", source, known, "no source that takes a key")
            if not clients:
                self._must_be_text(f"[keys] {source}", value)
                continue
            if not isinstance(value, dict):
                raise BadInput(
                    f"Config file {str(self.path)!r}: {source} has a key for each client. Write it under [keys.{source}]."
                )
            for client, token in value.items():
                # A client that is in no registry may be collected too; one that is nearly a known one is a slip.
                if client not in clients and did_you_mean(client, clients):
                    wrong = self._unknown(f"[keys.{source}] {client}", client, clients, f"no known client of {source}")
                    raise BadInput(f"{wrong} If it is one, set {_variable(source, client)} instead.")
                self._must_be_text(f"[keys.{source}] {client}", token)

    def _unknown(self, where: str, word: str, known: Collection[str], what: str) -> BadInput:
        hint = did_you_mean(word, known) or (f"Known: {', '.join(sorted(known))}." if len(known) < 10 else "")
        return BadInput(f"Config file {str(self.path)!r}: {where} is {what}. {hint}".rstrip())

    def _must_be_text(self, where: str, value: object) -> None:
        if not isinstance(value, str):
            raise BadInput(f"Config file {str(self.path)!r}: {where} is no text. Put the key in quotation marks.")


def _variable(source: str, client: str = "") -> str:
    """Name of the environment variable of a key."""
    name = f"{source}_TOKEN_{client}" if source == "legistar" else f"{source}_KEY"
    return f"{_KEY_PREFIX}{name.upper().replace('-', '_')}"


def default_path() -> Path:
    """Where the config file is looked for when none is named."""
    return user_config_path("freedom_policy", appauthor=False) / "config.toml"


def load(path: str | Path | None = None) -> Config:
    """Read the config file; a missing default file is an empty configuration.

    Raises:
        BadInput: a named file that is not there, is no TOML, has a word that nothing reads, or holds keys that other users
            of the machine can read.
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
    config = Config(path=file, values=values)
    for word in values:
        if word not in _WORDS:
            raise config._unknown(f"'{word}'", word, _WORDS, "nothing that is read")
    if not isinstance(values.get("keys", {}), dict):
        raise BadInput(f'Config file {str(file)!r}: keys is a table. Write [keys], and below it: legiscan = "..."')
    smtp = values.get("smtp")
    secret = values.get("keys") or (isinstance(smtp, dict) and smtp.get("password"))
    if secret and sys.platform != "win32" and file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        raise BadInput(f"Config file {str(file)!r} holds secrets and others can read it. Run: chmod 600 {file}")
    return config
