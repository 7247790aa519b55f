"""What comes out of a file: the words, the marks, or the reason why not."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from freedom_policy.text import extract
from freedom_policy.text.extract_office import without_margins

BILLS = """<?xml version="1.0"?>
<!DOCTYPE bill PUBLIC "-//US Congress//DTDs/bill.dtd//EN" "bill.dtd">
<bill><metadata><dublinCore><title>not words of the bill</title></dublinCore></metadata>
<form><legis-num>H. R. 77</legis-num><official-title>To help survivors.</official-title></form>
<legis-body><section><enum>1.</enum><header>Short title</header><text>This Act may be cited as the <quote>Help
Act</quote>.</text></section>
<section><enum>2.</enum><header>Grants</header><subsection><enum>(a)</enum><header>In general</header><text>The Secretary
shall make <deleted-phrase reported-display-style="strikethrough">two</deleted-phrase> <added-phrase
reported-display-style="italic">three</added-phrase> grants.</text><paragraph><enum>(1)</enum><text>One.</text></paragraph>
</subsection></section>
<section changed="added" reported-display-style="italic"><enum>3.</enum><header>Report</header><text>A report.</text></section>
</legis-body></bill>"""

UTAH = """<?xml version="1.0" encoding="UTF-16"?>
<leg xml:space="preserve"><info><nextbuid>15</nextbuid></info><bdy><section><secline>Section 1. It’s amended to read:</secline>
<subsection><display>(1)</display><subsection><display>(a)</display>A fine of <amendoutstart style="2"/><amend
ea="erase">$100</amend><amendoutend style="2"/><amend ea="amend">$5,000</amend>.</subsection></subsection></section></bdy>
</leg>"""

USLM = """<bill xmlns="http://schemas.gpo.gov/xml/uslm"><meta><docNumber>9</docNumber></meta><main><section><num value="1">SECTION
1.</num><heading>Purpose</heading><content>To end <deletedText>some</deletedText><addedText>all</addedText> trafficking.</content>
</section></main></bill>"""


def test_bills_xml_reads_as_printed():
    found = extract(BILLS.encode())
    assert (found.status, found.media_type) == ("ok", "application/xml")
    lines = [line for line in found.text.splitlines() if line]
    assert lines == [
        "H. R. 77",
        "To help survivors.",
        "SEC. 1. Short title",
        "This Act may be cited as the “Help Act”.",
        "SEC. 2. Grants",
        "(a) In general.—The Secretary shall make ⦅two⦆ ⦃three⦄ grants.",
        "(1) One.",
        "⦃SEC. 3. Report",
        "A report.⦄",
    ]


def test_declared_utf16_that_is_utf8():
    found = extract(UTAH.encode("utf-8"), "text/xml")
    assert found.text.splitlines() == ["Section 1. It’s amended to read:", "", "(1) (a) A fine of ⦅$100⦆⦃$5,000⦄."]


def test_uslm_marks():
    text = extract(USLM).text
    assert "To end ⦅some⦆⦃all⦄ trafficking." in text
    assert text.splitlines()[0].startswith("SECTION 1. Purpose")


@pytest.mark.parametrize("real", ["utf-8", "windows-1252", "utf-16"])
@pytest.mark.parametrize("declared", ["windows-1252", "utf-8", "no-such-charset"])
def test_the_bytes_decide_the_encoding(real: str, declared: str):
    page = f"<html><meta charset={declared}><body><p>“Victim’s” café — § 5</p></body></html>"
    assert extract(page.encode(real), f"text/html; charset={declared}").text == "“Victim’s” café — § 5"


def test_utf8_encoded_twice_is_mended():
    once = "<p>SEC. 1.\u00a0The wellâbeing of Saldaña — it’s</p>".replace("â", "\u2010")
    twice = once.encode().decode("latin-1")
    found = extract(twice.encode())
    assert found.text == "SEC. 1. The well\u2010being of Saldaña — it’s"
    assert "twice" in found.note
    # An accent of its own is no reason to mend anything.
    assert extract("<p>Â, ñ and é stand alone</p>".encode()).text == "Â, ñ and é stand alone"


def test_html_keeps_words_and_drops_the_page_around_them():
    page = (
        """<html><head><title>Bill</title><style>p {color: red}</style><script>var a = "<p>no</p>";</script></head><body>
    <nav><a href="/">Home</a></nav><div class="sr-only">new text begin</div>
    <main><h2>Section 1.</h2><p>A person who <u>knowingly</u> <s><span style="display:none">wilfully</span></s> buys
    <span style="text-decoration: line-through">sex</span><span class=scinsert>acts</span> pays.<!-- field --> And more.</p>
    <p>Sec. 2. """
        + "Words of the second section follow here. " * 8
        + """</p></main><footer>Contact us</footer></body></html>"""
    )
    text = extract(page.encode(), "application/octet-stream").text
    assert text.startswith(
        "Section 1.\n\nA person who ⦃knowingly⦄ ⦅wilfully⦆ buys ⦅sex⦆⦃acts⦄ pays. And more.\n\nSec. 2."
    )
    assert not any(word in text for word in ("Home", "Contact", "color", "var a", "new text"))


def test_a_bill_printed_as_a_table_of_lines_keeps_one_mark_over_them():
    rows = "".join(
        f"<tr><td>&#xA0;</td><td><u>{line}</u></td></tr>" for line in ("an offense under ", "Section 20A.02.")
    )
    assert extract(f"<html><table>{rows}</table></html>").text == "⦃an offense under\nSection 20A.02.⦄"


def test_preformatted_text_keeps_its_lines():
    assert extract("<html><pre>Sec. 1.\n   (a) One\n   (b) Two</pre></html>").text == "Sec. 1.\n   (a) One\n   (b) Two"


def test_rtf_with_underlined_and_struck_words():
    rtf = r"{\rtf1\ansi{\fonttbl{\f0 Times;}}\pard Section 1. {\ul new words\par more} and {\strike old} \'93q\'94\par}"
    found = extract(rtf.encode(), "application/msword")
    assert found.media_type == "application/rtf"
    assert found.text == "Section 1. ⦃new words\nmore⦄ and ⦅old⦆ “q”"


def test_docx_with_tracked_changes():
    document = Document()
    paragraph = document.add_paragraph("A person is ")
    paragraph.add_run("not ").underline = True
    paragraph.add_run("guilty").font.strike = True
    namespaces = nsdecls("w")
    paragraph._p.append(parse_xml(f"<w:ins {namespaces}><w:r><w:t>immune</w:t></w:r></w:ins>"))
    paragraph._p.append(parse_xml(f"<w:del {namespaces}><w:r><w:delText>liable</w:delText></w:r></w:del>"))
    space = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    box = "<w:r {0}><mc:AlternateContent {1}><mc:{2}><w:t>{3}</w:t></mc:{2}></mc:AlternateContent></w:r>"
    for kind, words in (("Choice", " boxed"), ("Fallback", " boxed again")):
        paragraph._p.append(parse_xml(box.format(namespaces, space, kind, words)))
    table = document.add_table(1, 1)
    table.cell(0, 0).text = "in a table"
    data = io.BytesIO()
    document.save(data)
    found = extract(data.getvalue(), "text/html")
    assert found.status == "ok"
    assert found.text == "A person is ⦃not⦄ ⦅guilty⦆⦃immune⦄⦅liable⦆ boxed\nin a table"


def pdf(content: bytes) -> bytes:
    """A one-page PDF with that content stream."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(out),
    )


def test_pdf_text_layer_scan_and_damage():
    words = pdf(b"BT /F1 12 Tf 72 700 Td (Section 1. Labor trafficking.) Tj 0 -20 Td (Second line.) Tj ET")
    found = extract(words, "text/html")
    assert (found.media_type, found.text) == ("application/pdf", "Section 1. Labor trafficking.\nSecond line.")
    scan = extract(pdf(b""))
    assert (scan.status, "scanned" in scan.note) == ("empty", True)
    cut = extract(words[:120])
    assert (cut.status, cut.text) == ("unreadable", "")


def test_a_printed_page_loses_its_margins_and_no_words():
    words = [
        "SECTION 1. Who buys sex",
        "from a minor pays a fine of",
        "10 days in",
        "jail or $500.",
        "(1) One.",
        "End.",
    ]
    aside = ["Draft 7.2", "1", "2", "3", "4", "5", "6"]
    texts = [[f"{page} {line}" for line in words] for page in ("One", "Two", "Three")]
    pages = ["\n".join([*aside, *text, f"- {n} -"]) for n, text in enumerate(texts, 1)]
    assert without_margins(pages) == ["\n".join(text) for text in texts]
    before = ["\n".join(f"{n} {line}" for n, line in enumerate(words, 1))]
    assert without_margins(before) == ["\n".join(words)]
    # Numbers that are words of the bill stay.
    table = "Year\n2024\n2025\n2026\n10 percent\n20 percent\n30 percent\n40 percent\n50 percent"
    assert without_margins([table]) == [table]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100, "Word"),
        (b"\xffWPC" + b"\x10" * 50, "WordPerfect"),
        (bytes(range(256)) * 20, "garbled"),
        (("7KH 6HFUHWDU\\ VKDOO PDNH JUDQWV IRU YLFWLPV RI WUDIILFNLQJ LQ SHUVRQV " * 8).encode(), "garbled"),
        (("\ue001\ue002\ue003 " * 60).encode(), "garbled"),
        (b"PK\x03\x04 broken", "damaged"),
        (b"x" * 50_000_001, "larger"),
    ],
)
def test_what_cannot_be_read_says_so(data: bytes, reason: str):
    found = extract(data)
    assert (found.status, found.text) == ("unreadable", "")
    assert reason in found.note


def test_a_zip_that_is_no_word_file():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("a.txt", "hello")
    assert "not a Word" in extract(data.getvalue()).note


def test_an_xml_bomb_is_refused_and_broken_xml_is_read_as_far_as_it_goes():
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<?xml version="1.0"?><!DOCTYPE bill [<!ENTITY l0 "lol">{levels}]><bill>&l11;</bill>'
    found = extract(bomb.encode())
    assert (found.status, "refused" in found.note) == ("unreadable", True)
    hidden = bomb.replace("<!DOCTYPE", f"<!--{'x' * 200_000}--><!DOCTYPE")
    assert extract(hidden.encode("utf-16")).status == "unreadable"
    half = extract(BILLS[: BILLS.index("<paragraph>")])
    assert half.status == "ok"
    assert "grants." in half.text
    assert "broken XML" in half.note


@pytest.mark.parametrize("nothing", [b"", "", b" \n\t ", "<html><body><script>x()</script></body></html>", "<bill/>"])
def test_nothing_is_empty_not_unreadable(nothing: bytes | str):
    assert extract(nothing, "text/html").status == "empty"


def test_plain_text_with_angle_brackets_stays_plain():
    text = "Fines of <$500 for a first offense\r\nand > $1,000 for others.\x0c"
    assert extract(text).text == "Fines of <$500 for a first offense\nand > $1,000 for others."


def test_deep_and_large_pages_do_not_fail():
    def deep(levels: int) -> str:
        return "<html><body>" + "<font>" * levels + "bottom" + "</font>" * levels + "<p>end</p></body></html>"

    assert extract(deep(1500)).text == "bottom\n\nend"
    assert extract(deep(5000)).status == "unreadable"
    assert extract(f"<bill>{'<section>' * 5000}x{'</section>' * 5000}</bill>").status == "unreadable"
    large = "<html><body>" + "<p>The quick brown fox jumps over it.</p>" * 130_000 + "</body></html>"
    assert len(large) > 5_000_000
    assert extract(large.encode()).text.count("fox") == 130_000


def test_a_large_sample_of_real_bills(shared):
    """Nearly every text that the states published is read, with the marks in pairs."""
    import tarfile

    read, total, marked = 0, 0, 0
    with tarfile.open(shared / "corpus" / "openstates" / "candidate_texts.tar.gz") as archive:
        for member in archive:
            name = member.name.lower()
            if not name.endswith((".htm", ".html", ".xml", ".pdf")) or hash_of(name) % 6:
                continue
            found = extract(archive.extractfile(member).read())
            total += 1
            read += found.status == "ok" and len(found.text) > 200
            marked += "⦃" in found.text
            assert found.text.count("⦃") == found.text.count("⦄")
            assert found.text.count("⦅") == found.text.count("⦆")
    assert total > 100
    assert read >= 0.99 * total
    assert marked > 0.2 * total


def hash_of(name: str) -> int:
    import zlib

    return zlib.crc32(name.encode())
