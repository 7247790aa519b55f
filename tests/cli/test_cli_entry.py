"""The command as people and programs meet it: exit codes, one clear line, clean standard output, pipes, help, completion."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from freedom_policy.cli.app import COMMANDS, root

GOOD_BILL = {
    "id": "a",
    "title": "To raise the fine for buying sex from a trafficking victim",
    "jurisdiction": "us",
    "kind": "bill",
    "actions": [{"date": "2025-01-03", "text": "Introduced in House"}],
}


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Any:
    """Every command that does something, with its words."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from leaves(found, (*path, name))
    else:
        yield path, command


LEAVES = list(leaves(root))

# ---------------------------------------------------------------------------------------------------------------------
# Bad input: one line, the right exit code, nothing on standard output


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("collect", "congres"), 2, "congress"),
        (("collect", "legistar", "--client", "nowhere-at-all"), 2, "nowhere-at-all"),
        (("collect", "legistar", "--client", "nyc"), 2, "LEGISTAR_TOKEN_NYC"),
        (("collect", "openstates", "--jurisdiction", "us-texas"), 2, "us-tx"),
        (("collect", "openstates", "--jurisdiction", "us-tx"), 2, "OPENSTATES_KEY"),
        (("collect", "congress", "--session", "1190"), 2, "1190"),
        (("collect", "congress", "--since", "2126-01-01"), 2, "future"),
        (("collect", "congress", "--since", "yesterday"), 2, "not a day"),
        (("collect", "congress", "--base-url", "nonsense"), 2, "nonsense"),
        (("list", "--jurisdiction", "us-tz"), 2, "Did you mean"),
        (("list", "--stage", "enactd"), 2, "Did you mean enacted"),
        (("list", "--since", "2026-02-31"), 2, "not a day"),
        (("list", "--since", "2026-02-01", "--until", "2026-01-01"), 2, "upside down"),
        (("list", "--format", "parquet"), 2, "--output"),
        (("list", "--limit", "0"), 2, "--limit"),
        (("show", "HR1"), 2, "PLACE/SESSION/NUMBER"),
        (("show", "us/119/HR9"), 2, "No measure us/119/HR9"),
        (("show", "us/119/HR1", "--as-of", "soon"), 2, "not a day"),
        (("digest", "--since", "7d", "--until", "30d"), 2, "upside down"),
        (("digest", "--output", "no/such/folder/x.txt"), 2, "Cannot write"),
        (("coverage", "--area", "rescu"), 2, "rescue_exit"),
        (("classify", "--input", "not-there.jsonl"), 2, "Cannot read"),
        (("classify", "--explain", "us/119/HR9"), 2, "No measure"),
        (("monitor", "--as-of", "31.12.2025"), 2, "not a day"),
        (("lst",), 2, "Did you mean list"),
        (("list", "--gaol", "x"), 2, "--goal"),
        (("evaluate", "--gold", "not-there.jsonl"), 2, "not-there.jsonl"),
    ],
)
def test_bad_input_is_told_in_a_line(run, args, code, said):
    if args[0] not in COMMANDS and args[0] != "lst":
        pytest.skip(f"{args[0]} is not there yet")
    result = run(*args, code=code)
    assert said in result.stderr
    assert not result.stdout
    told = [line for line in result.stderr.splitlines() if not line.startswith(("Usage:", "Try ")) and line.strip()]
    assert len(told) == 1, "one clear line"


@pytest.mark.parametrize(
    "url", ["sqlite:////proc/no/such/place/x.sqlite", "postgresql://nobody@127.0.0.1:9/none", "mysql://x/y", "nonsense"]
)
def test_a_store_that_cannot_be_used_is_exit_code_4(config, url):
    from click.testing import CliRunner

    result = CliRunner().invoke(root, ["--db", url, "--config", str(config), "list"])
    assert result.exit_code == 4
    assert result.stderr.startswith("Error: ")
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_file_that_is_no_store(config, tmp_path):
    from click.testing import CliRunner

    path = tmp_path / "notes.sqlite"
    path.write_text("These are my notes, and they are no database at all. " * 40)
    before = path.read_bytes()
    result = CliRunner().invoke(root, ["--db", f"sqlite:///{path.as_posix()}", "--config", str(config), "list"])
    assert result.exit_code == 4
    assert "no SQLite file" in result.stderr
    assert path.read_bytes() == before


@pytest.mark.parametrize("text", ["db = ", "[keys]\nopenstates = 'secret'\n", "[smtp]\npassword = 'secret'\n"])
def test_a_config_file_that_cannot_be_used(run, config, text):
    config.write_text(text)
    config.chmod(0o644)
    if "secret" in text and sys.platform == "win32":
        pytest.skip("permissions are not told by mode on Windows")
    told = run("list", code=2).stderr
    assert str(config) in told
    assert "secret'" not in told


# ---------------------------------------------------------------------------------------------------------------------
# JSON Lines filters


@pytest.mark.parametrize("command", ["classify", "monitor"])
def test_a_filter_keeps_order_and_names_bad_lines(shell, command):
    rows = [{**GOOD_BILL, "id": str(number)} for number in range(40)]
    lines = [json.dumps(row) for row in rows]
    lines[7] = "this is no JSON"
    lines[9] = json.dumps({"title": "no id"})
    done = shell(command, "--input", "-", input="\n".join(lines))
    assert done.returncode == 2
    got = [json.loads(line)["id"] for line in done.stdout.splitlines()]
    assert [name for name in got if name] == [str(number) for number in range(40) if number not in (7, 9)]
    assert "line 8:" in done.stderr
    assert "line 10:" in done.stderr
    assert "Traceback" not in done.stderr


# ---------------------------------------------------------------------------------------------------------------------
# Through the real entry point


def test_data_goes_to_standard_output_and_the_rest_elsewhere(shell):
    done = shell("list", "--format", "jsonl")
    assert done.returncode == 0
    assert json.loads(done.stdout.splitlines()[0])["key"] == "us/119/HR1"
    assert done.stderr == ""
    done = shell("monitor")
    assert done.returncode == 0
    assert done.stdout.startswith("Looked at")


def test_a_spreadsheet_runs_nothing(shell):
    done = shell("list", "--format", "csv")
    assert "'=HYPERLINK" in done.stdout


def test_piping_to_head_is_no_error(db, config, tmp_path):
    if sys.platform == "win32":
        pytest.skip("there is no head")
    rows = "".join(json.dumps({**GOOD_BILL, "id": str(number)}) + "\n" for number in range(3000))
    (tmp_path / "many.jsonl").write_text(rows)
    command = (
        f"{sys.executable} -c 'from freedom_policy.cli import main; main()' monitor --input many.jsonl | head -n 2"
    )
    done = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=tmp_path, timeout=300)
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr == ""


@pytest.mark.parametrize(("environment", "colour"), [({"NO_COLOR": "1"}, False), ({}, False)])
def test_no_colour_when_piped(shell, environment, colour):
    done = shell("digest", env={**os.environ, **environment})
    assert ("\x1b[" in done.stdout) is colour
    assert "\x1b[" in shell("--color", "digest").stdout, "colour when asked for"


def test_interrupted_is_130(shell):
    done = shell("review", "--as", "me", input="a\n\n")
    assert done.returncode == 130
    assert "kept" in done.stderr
    assert "Traceback" not in done.stderr


def test_usage_errors_are_2_and_version_is_told(shell):
    assert shell("list", "--nonsense").returncode == 2
    assert shell("collect").returncode == 2
    done = shell("--version")
    assert done.returncode == 0
    assert "freedom-policy" in done.stdout


# ---------------------------------------------------------------------------------------------------------------------
# Help, completion, the page of commands


@pytest.mark.parametrize(("path", "command"), LEAVES, ids=[" ".join(path) for path, _ in LEAVES])
def test_help_has_a_purpose_and_an_example_that_parses(run, path, command):
    told = run(*path, "--help").stdout
    assert command.help
    assert command.epilog, "an example at the end"
    _, _, example = command.epilog.partition("Example: ")
    words = _words(example)
    assert words[0] == "freedom-policy"
    assert [word for word in words if word in path][: len(path)] == list(path)
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    options = [word for word in words if word.startswith("--")]
    top = {option for parameter in root.params for option in parameter.opts}
    assert not [option for option in options if option not in known | top]
    assert told


def _words(example: str) -> list[str]:
    import shlex

    return shlex.split(example.partition(" > ")[0])


def test_every_command_is_in_the_list_of_the_root(run):
    told = run("--help").stdout
    for name, (_, purpose) in COMMANDS.items():
        assert name in told
        assert purpose.endswith(".")


def test_help_loads_nothing_heavy(shell):
    code = (
        "import sys; sys.argv = ['freedom-policy', '--help']\n"
        "from freedom_policy.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'sqlalchemy', 'sklearn', 'scrapy', 'pandas', 'pydantic', 'jinja2'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(("words", "found"), [("freedom-policy wat", "watch"), ("freedom-policy watch se", "send")])
def test_shell_completion(words, found):
    script = Path(sys.executable).with_name("freedom-policy")
    if not script.exists():
        pytest.skip("the package is not installed beside this Python")
    environment = {
        **os.environ,
        "_FREEDOM_POLICY_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    done = subprocess.run([str(script)], env=environment, capture_output=True, text=True, timeout=300)
    assert f"plain,{found}" in done.stdout.splitlines()


HEAD = """# Commands

What `freedom-policy COMMAND --help` says, for every command. This page is written by a test
(`FREEDOM_POLICY_UPDATE_DOCS=1 pytest tests/cli/test_cli_entry.py`), so it cannot fall behind.

Data goes to standard output, everything else to standard error. Exit codes: 0 done; 1 done, with a finding; 2 wrong usage or
bad input, a missing key too; 3 a source or a mail server failed; 4 the store cannot be used; 130 interrupted.

Your shell completes commands and options once you tell it so, in `~/.bashrc` (for zsh, `zsh_source` in `~/.zshrc`):

```sh
eval "$(_FREEDOM_POLICY_COMPLETE=bash_source freedom-policy)"
```
"""


def page() -> str:
    """The page of commands, from the help texts."""
    parts = [HEAD, f"## freedom-policy\n\n```text\n{_help(root, ())}\n```\n"]
    parts += [f"## {' '.join(path)}\n\n```text\n{_help(command, path)}\n```\n" for path, command in LEAVES]
    return "\n".join(parts)


def _help(command: click.Command, path: tuple[str, ...]) -> str:
    name = " ".join(("freedom-policy", *path))
    context = click.Context(
        command, info_name=name, terminal_width=98, max_content_width=98, help_option_names=["-h", "--help"]
    )
    return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


def test_the_page_of_commands_is_what_help_says():
    path = Path(__file__).parents[2] / "docs" / "commands.md"
    if os.environ.get("FREEDOM_POLICY_UPDATE_DOCS"):
        path.write_text(page(), encoding="utf-8", newline="\n")
    # Versions of click break lines differently; the words are what counts.
    assert path.read_text(encoding="utf-8").split() == page().split(), "run it with FREEDOM_POLICY_UPDATE_DOCS=1"
