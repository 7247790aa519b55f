"""Keys come from the environment or a file that only its owner can read; they are never shown."""

import sys

import pytest

from freedom_policy import config
from freedom_policy.errors import BadInput

FILE = 'db = "sqlite:///x.sqlite"\n[keys]\nlegiscan = "file-key"\n[keys.legistar]\nnyc = "nyc-token"\n'


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.delenv("FREEDOM_POLICY_DB", raising=False)
    path = tmp_path / "config.toml"
    path.write_text(FILE)
    path.chmod(0o600)
    return path


def test_file_and_environment(file, monkeypatch):
    settings = config.load(file)
    assert settings.db == "sqlite:///x.sqlite"
    assert settings.key("legiscan") == "file-key"
    assert settings.key("legistar", "nyc") == "nyc-token"
    assert settings.key("openstates") is None
    monkeypatch.setenv("FREEDOM_POLICY_LEGISCAN_KEY", "env-key")
    monkeypatch.setenv("FREEDOM_POLICY_LEGISTAR_TOKEN_NYC", "env-token")
    monkeypatch.setenv("FREEDOM_POLICY_DB", "sqlite:///env.sqlite")
    assert (settings.key("legiscan"), settings.key("legistar", "nyc"), settings.db) == (
        "env-key",
        "env-token",
        "sqlite:///env.sqlite",
    )
    assert "key" not in repr(settings)
    assert "token" not in repr(settings)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_file_with_keys_that_others_can_read_is_refused(file):
    file.chmod(0o644)
    with pytest.raises(BadInput, match="chmod 600"):
        config.load(file)


def test_a_named_file_that_is_not_there_or_no_toml(tmp_path):
    with pytest.raises(BadInput, match="not there"):
        config.load(tmp_path / "none.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("keys = [")
    with pytest.raises(BadInput, match=r"broken\.toml"):
        config.load(broken)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ('[keyz]\nlegiscan = "k"\n', "'keyz'.*keys"),
        ("helplines = []\n", "'helplines'.*help_lines"),
        ('database = "x"\n', "'database'.*Known: db"),
        ('keys = "k"\n', r"Write \[keys\]"),
    ],
)
def test_a_word_that_nothing_reads_is_refused_with_a_near_one(file, text, near):
    file.write_text(text)
    with pytest.raises(BadInput, match=near):
        config.load(file)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ('[keys]\nopenstatez = "k"\n', r"\[keys\] openstatez.*Did you mean openstates"),
        ('[keys.legistar]\nncy = "k"\n', r"\[keys.legistar\] ncy.*Did you mean nyc"),
        ('[keys]\nlegistar = "k"\n', r"Write it under \[keys.legistar\]"),
        ("[keys]\nlegiscan = 5\n", "quotation marks"),
    ],
)
def test_a_misspelt_key_is_not_silently_a_missing_one(file, text, near):
    known = {"openstates": (), "legiscan": (), "legistar": ("nyc", "seattle")}
    config.load(file).check_keys(known)
    file.write_text('[keys.legistar]\nbaltimore = "a client that is in no registry"\n')
    config.load(file).check_keys(known)
    file.write_text(text)
    with pytest.raises(BadInput, match=near):
        config.load(file).check_keys(known)
