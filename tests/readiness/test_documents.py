"""Which files are taken as documentation, and what they are called. Pure."""

import zipfile
from io import BytesIO

import pytest

from integrations.readiness.documents import MOST_BYTES, DocumentRefused, checked

PDF = b"%PDF-1.7\n1 0 obj\n"


def office(*names: str) -> bytes:
    held = BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in ("[Content_Types].xml", *names):
            archive.writestr(name, "<xml/>")
    return held.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "called"),
    [
        ("links.PDF", PDF, "links.pdf"),
        ("../../etc/links.pdf", PDF, "links.pdf"),
        ("C:\\work\\links.pdf", PDF, "links.pdf"),
        ("a\r\nb.txt", b"how", "a_b.txt"),
        (f"{'x' * 300}.md", "für".encode(), f"{'x' * 100}.md"),
        ("links.docx", office("word/document.xml"), "links.docx"),
    ],
)
def test_a_file_that_is_what_it_says_is_taken_by_a_harmless_name(name: str, content: bytes, called: str) -> None:
    assert checked(name, content) == called


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("page.html", b"<script>alert(1)</script>", "is not taken"),
        ("page.svg", b"<svg onload=alert(1)>", "is not taken"),
        ("links.pdf", b"<html>", "its content is not"),
        ("links.png", PDF, "its content is not"),
        ("links.jpg", PDF, "its content is not"),
        ("links.docx", b"PK\x03\x04 not a zip", "its content is not"),
        ("links.docx", office("word/vbaProject.bin"), "has macros"),
        ("links.txt", b"a\x00b", "its content is not"),
        ("links.txt", b"\xff\xfe", "its content is not"),
        ("links.pdf", b"", "empty"),
        ("noname", PDF, "is not taken"),
        ("big.pdf", PDF + b"x" * MOST_BYTES, "larger than 10 MB"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(name: str, content: bytes, said: str) -> None:
    with pytest.raises(DocumentRefused, match=said):
        checked(name, content)
