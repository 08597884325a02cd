"""QR codes are read again by another library, and say the link (A6, A7)."""

import io

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from integrations.platforms.worklink.links.grammar import Link, Target, build
from integrations.platforms.worklink.links.qr import Code
from integrations.platforms.worklink.links.refusals import LinkRefused
from tests.platforms.worklink.links.test_grammar import VECTORS


def link_of(length: int) -> str:
    short = build(Link("fetch_catalog", Target("asset", "42"), {"k": "x"}))
    return build(Link("fetch_catalog", Target("asset", "42"), {"k": "x" * (length - len(short) + 1)}), longest=length)


def read(png: bytes) -> tuple[str, str]:
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))
    return found.text, found.ec_level


@pytest.mark.parametrize("url", [url for vector in VECTORS.values() for url in vector[1:]])
def test_what_is_read_is_the_link(url: str) -> None:
    assert read(Code(url).png()) == (url, "M")


def test_a6_a_dense_code_is_made_with_a_warning() -> None:
    code = Code(link_of(320))

    assert code.warning.startswith("Dense code: 320 characters.")
    assert read(code.png()) == (code.url, "M")
    assert Code(link_of(300)).warning == ""


def test_a7_what_no_code_holds_is_refused_by_name() -> None:
    code = Code(link_of(2400))

    for drawing in (code.svg, code.png):
        with pytest.raises(LinkRefused) as refused:
            drawing()
        assert refused.value.code == "too_long"
    assert len(read(Code(link_of(2331)).png())[0]) == 2331


@pytest.mark.parametrize(("length", "modules"), [(100, 41), (140, 49), (200, 57), (300, 69)])
def test_the_sizes_of_the_sheet(length: int, modules: int) -> None:
    code = Code(link_of(length))

    image = Image.open(io.BytesIO(code.png(pixels=5)))
    assert image.size == ((modules + 8) * 5,) * 2
    assert code.print_width == pytest.approx((modules + 8) * 0.4)
    assert {image.convert("L").getpixel((x, 19)) for x in range(image.width)} == {255}, "the quiet zone is light"


def test_the_picture_fills_what_it_is_put_into() -> None:
    svg = Code(VECTORS["V1"][1]).svg().decode()

    assert svg.startswith("<svg ")
    assert 'xmlns="http://www.w3.org/2000/svg"' in svg
    assert "viewBox=" in svg
    assert "width=" not in svg.split(">")[0]


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
def test_any_value_is_read_again(value: str) -> None:
    url = build(Link("fetch_catalog", Target("asset", value)), longest=5000)

    assert read(Code(url).png())[0] == url
