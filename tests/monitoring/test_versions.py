"""What changed between two versions, by section, readable and safe."""

from __future__ import annotations

import tarfile

from freedom_policy.monitoring.versions import compare_versions

OLD = """Section 1. Short title. This act may be cited as the Hotel Training Act.
Section 2. Each operator shall train its employees within 90 days. The penalty is 500 dollars.
Section 3. This act takes effect immediately.
"""
NEW = """Section 1. Short title. This act may be cited as the Hotel Training Act.
Section 2. Each operator shall train its employees within 180 days. The penalty is 1000 dollars for each room.
Section 3. The department shall publish a list of courses <b>each year</b> on its web site.
Section 4. This act takes effect immediately.
"""


def test_each_section_is_told_once_and_words_are_marked():
    diff = compare_versions(OLD, NEW)
    assert [section.change for section in diff.sections] == ["same", "changed", "added", "changed"]
    text = diff.to_text()
    assert "[-90-]" in text
    assert "{+180+}" in text
    assert "Hotel Training" not in text
    changed = diff.sections[1]
    assert "".join(run.text for run in changed.runs if run.part != "removed") == changed.new
    assert "".join(run.text for run in changed.runs if run.part != "added") == changed.old


def test_html_is_escaped():
    page = compare_versions(OLD, NEW.replace("<b>each year</b>", "if a < b & c")).to_html()
    assert "a &lt; b &amp; c" in page
    assert "<ins>" in page


def test_equal_texts_and_white_space_are_no_change():
    assert compare_versions(OLD, OLD.replace(" days", "  days")).changed == ()
    assert compare_versions(OLD, OLD).to_text() == "No words changed."
    assert compare_versions("", "").sections == ()


def test_a_removed_section_stands_where_it_was():
    diff = compare_versions(NEW, OLD)
    assert [section.change for section in diff.sections if section.change != "same"] == [
        "changed",
        "removed",
        "changed",
    ]
    assert diff.added_words < diff.removed_words


def test_versions_of_real_bills_are_compared(shared):
    texts = {}
    with tarfile.open(shared / "corpus" / "govinfo" / "bills113_text_versions.tar.gz") as archive:
        for member in archive:
            if member.name.endswith("document.txt") or member.name.endswith(".txt"):
                bill = member.name.split("/text-versions/")[0]
                texts.setdefault(bill, []).append(archive.extractfile(member).read().decode("utf-8", "replace"))
                if len(texts) > 12:
                    break
    pairs = [versions[:2] for versions in texts.values() if len(versions) > 1]
    assert pairs
    for old, new in pairs:
        diff = compare_versions(old, new)
        assert len(diff.sections) > 1
        for section in diff.sections:
            if section.change == "changed":
                assert "".join(run.text for run in section.runs if run.part != "removed") == section.new
