"""印制: what is set is what was said, and the same each time."""

import asyncio
import io
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import psutil
import pytest
from pypdf import PdfReader
from pypdf.generic import ContentStream

from service.printing.document import (
    LONGEST_TEXT,
    MOST_ROWS,
    Cell,
    Column,
    Document,
    Facts,
    Mark,
    Paragraph,
    Section,
    Table,
    Text,
)
from service.printing.fonts import BUNDLED, PrintFonts
from service.printing.press import MOST_WAITING, Press, PressBusy

# Of the third level of 通用规范汉字表 (2013), which was made of names above all.
RARE = (
    "䶮㛃䲜𠮷㑇㑊㕮㘎㙍㙘㙦㛚㛹㟃㠇㠓㤘㥄㧐㧑㧟㫰㬊㬎㬚㭎㭕㮾㰀㳇㳘㳚㴔㵐㶲㸆㸌㺄㻬㽏㿠"
    "䁖䂮䃅䃎䅟䌹䎃䎖䏝䏡䏲䐃䓖䓛䓨䓫䓬䗖䗛䗪䗴䜣䝙䢺䢼䣘䥽䦃䲟䲠䲢䴓䴔䴕䴖䴗䴘䴙"
    "𠅤𠙶𠳐𡎚𡐓𣗋𣲗𣲘𣸣𤧛𤩽𤫉𥔲𥕢𥖨𥻗𦈡𦒍𦙶𦝼𦭜𦰡𧿹𨐈𨙸𨚕𨟠𨭉𨱇𨱏𨱑𨱔𨺙𩽾𩾃𩾌"
    "𪟝𪣻𪤗𪨰𪨶𪩘𪾢𫄧𫄨𫄷𫄸𫇭𫌀𫍣𫍯𫍲𫍽𫐄𫐐𫐓𫑡𫓧𫓯𫓶𫓹𫔍𫔎𫔶𫖮𫖯𫖳𫗧𫗴𫘜𫘝𫘦𫘧𫘨𫘪𫘬"
    "𫚕𫚖𫚭𫛭𫞩𫟅𫟦𫟹𫟼𫠆𫠊𫠜𫢸𫫇𫭟𫭢𫭼𫮃𫰛𫵷𫶇𫷷𫸩𬀩𬀪𬂩𬃊𬇕𬇙𬇹𬉼𬊈𬊤𬌗𬍛𬍡𬍤𬒈𬒔𬒗"
    "𬕂𬘓𬘘𬘡𬘩𬘫𬘬𬘭𬘯𬙂𬙊𬙋𬜬𬜯𬞟𬟁𬟽𬣙𬣞𬣡𬣳𬤇𬤊𬤝𬨂𬨎𬩽𬪩"
)
INJECTED = (
    '#panic("x") #sys.inputs #read("/etc/hostname") #import "@preview/cades:0.3.1"',
    "$x^2$ *粗* _斜_ `码` @ref <label> \\u{1F600} // 注 /* 注 */ = 标题 + 项 - 项",
    '"], "title": "假", #text(fill: white)[藏]',
    "【有异议】【特批】",
    "</svg><script>",
    "{{ 7*7 }} %s \\n",
)


@pytest.fixture(scope="module")
def press() -> Press:
    """One press for all, as in a service."""
    return Press()


def document(*texts: Text, title: str = "说明") -> Document:
    """A document with these texts, each in a row of its own."""
    table = Table((Column("内容", 1),), [(text,) for text in texts])
    return Document(
        title,
        date(2026, 9, 28),
        ("左", "右"),
        Facts((("姓名", "赵䶮"),)),
        (Section("内容", (table,)),),
    )


def text_of(pdf: bytes) -> str:
    """All text in reading order, white space left out."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def glyphs_of(pdf: bytes) -> Iterator[int]:
    """The number of every glyph that is drawn; number 0 is the one for "missing"."""
    reader = PdfReader(io.BytesIO(pdf))
    for page in reader.pages:
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            shown: list[Any] = []
            if operator == b"Tj":
                shown = operands
            elif operator == b"TJ":
                shown = operands[0]
            for each in shown:
                if isinstance(each, (str, bytes)):
                    raw = getattr(each, "original_bytes", each)
                    assert isinstance(raw, bytes)
                    yield from (int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw), 2))


def test_the_same_document_gives_the_same_bytes(press: Press) -> None:
    first = press.pdf(document("一"))
    press.pdf(document("另一份"))
    assert press.pdf(document("一")) == first
    assert Press().pdf(document("一")) == first


def test_another_process_on_another_day_gives_the_same_bytes(press: Press) -> None:
    program = (
        "import sys, time; time.time = lambda: 0\n"
        "from tests.printing.test_press import document, Press\n"
        "sys.stdout.buffer.write(Press().pdf(document('一')))"
    )
    other = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        env={"SOURCE_DATE_EPOCH": "86400", "TZ": "America/New_York", "PYTHONHASHSEED": "7"},
        timeout=60,
    )
    assert other.stdout == press.pdf(document("一"))


@pytest.mark.parametrize("words", INJECTED)
def test_what_somebody_wrote_comes_out_as_they_wrote_it(press: Press, words: str) -> None:
    pdf = press.pdf(document(words, title=words))
    assert text_of(pdf).count("".join(words.split())) == 2
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1


def test_a_mark_that_somebody_wrote_is_not_drawn_like_one(press: Press) -> None:
    def drawn(text: Text) -> tuple[int, int]:
        """Lines, and letters drawn bolder."""
        reader = PdfReader(io.BytesIO(press.pdf(document(text))))
        operations = ContentStream(reader.pages[0].get_contents(), reader).operations
        return (
            sum(operator == b"S" for _, operator in operations),
            sum(operator == b"Tr" and operands[0] == 2 for operands, operator in operations),
        )

    lines, bolder = drawn("内容")
    assert drawn("【有异议】内容") == (lines, bolder)
    marked = Cell("内容", (Mark.DISPUTED,))
    assert drawn(marked) == (lines + 1, bolder + 1)
    assert "【有异议】内容" in text_of(press.pdf(document(marked)))


def test_rare_characters_of_names_are_all_there(press: Press) -> None:
    assert len(set(RARE)) >= 200
    pdf = press.pdf(document(RARE, title=RARE[:20]))
    assert RARE in text_of(pdf)
    assert 0 not in set(glyphs_of(pdf))


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("赵\U0002a6d6", "赵〔U+2A6D6〕"),  # no glyph in any font
        ("赵\U0001f600", "赵〔U+1F600〕"),
        ("退回\u202e不意同", "退回〔U+202E〕不意同"),  # would turn round what follows
        ("张\u200b三", "张〔U+200B〕三"),  # would make two names look alike
        ("铃\x07", "铃〔U+0007〕"),
        ("软\xad连", "软〔U+00AD〕连"),
        ("葛\U000e0100城", "葛\U000e0100城"),  # a form of 葛, as some families write it
        ("行\r\n行", "行行"),
    ],
)
def test_what_cannot_be_shown_is_named(press: Press, said: str, printed: str) -> None:
    pdf = press.pdf(document(said))
    assert printed in text_of(pdf)
    assert 0 not in set(glyphs_of(pdf))


def test_what_is_too_long_says_that_there_is_more(press: Press) -> None:
    text = text_of(press.pdf(document("长" * (LONGEST_TEXT + 1))))
    assert f"共{LONGEST_TEXT + 1}字，其余见电子材料" in text
    assert text.count("长") == LONGEST_TEXT
    rows = text_of(press.pdf(document(*["行"] * (MOST_ROWS + 5))))
    assert f"以上为前{MOST_ROWS}条，另有5条，见电子材料。" in rows


def test_headings_are_repeated_and_pages_numbered(press: Press) -> None:
    pages = PdfReader(io.BytesIO(press.pdf(document(*["行"] * 120)))).pages
    texts = ["".join(page.extract_text().split()) for page in pages]
    assert len(texts) > 2
    for number, text in enumerate(texts, 1):
        assert f"第{number}页共{len(texts)}页" in text
        assert "内容" in text
        assert "左" in text


def test_a_row_stays_on_one_page_unless_it_is_longer_than_one(press: Press) -> None:
    rows = [f"起{'文' * 300}止" for _ in range(20)]
    pages = PdfReader(io.BytesIO(press.pdf(document(*rows)))).pages
    assert len(pages) > 2
    for page in pages:
        text = page.extract_text()
        assert text.count("起") == text.count("止")
    long = PdfReader(io.BytesIO(press.pdf(document("文" * 3900)))).pages
    assert ["文" in page.extract_text() for page in long] == [True, True]


def test_it_is_archival_and_says_nothing_of_the_clock(press: Press) -> None:
    pdf = press.pdf(document("一"))
    reader = PdfReader(io.BytesIO(pdf))
    assert reader.metadata is not None
    assert reader.metadata.title == "说明"
    assert str(reader.metadata["/CreationDate"]).startswith("D:20260928")
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf


def test_what_one_document_took_is_given_back(press: Press) -> None:
    process = psutil.Process()

    def rows(number: int) -> list[str]:
        return [f"参加社区环境整治志愿服务 {number}-{row}" for row in range(1200)]

    press.pdf(document(*rows(0)))
    before = process.memory_info().rss
    for number in range(1, 6):
        press.pdf(document(*rows(number)))
    assert process.memory_info().rss - before < 60 * 2**20


async def test_the_loop_goes_on_meanwhile(press: Press) -> None:
    large = document(*["参加社区环境整治"] * 1500)
    printing = asyncio.ensure_future(press.printed(large))
    gaps, last = [], time.perf_counter()
    while not printing.done():
        await asyncio.sleep(0)
        now = time.perf_counter()
        gaps.append(now - last)
        last = now
    assert (await printing).startswith(b"%PDF")
    assert len(gaps) > 20


async def test_many_at_once_get_each_their_own(press: Press) -> None:
    texts = [f"第{number}份" for number in range(12)]
    made = await asyncio.gather(*(press.printed(document(each)) for each in texts))
    for text, pdf in zip(texts, made, strict=True):
        assert text in text_of(pdf)


async def test_more_than_it_can_do_is_turned_away(press: Press) -> None:
    asked = [press.printed(document(str(number))) for number in range(MOST_WAITING + 1)]
    made = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(each) for each in made] == [bytes] * MOST_WAITING + [PressBusy]
    assert await press.printed(document("再来"))


def test_the_first_font_there_is_is_taken(caplog: pytest.LogCaptureFixture) -> None:
    fonts = PrintFonts(text=("没有的字体", "Noto Sans CJK TC"), title=("Noto Sans CJK JP",))
    assert fonts.chosen() == {
        "text": ["Noto Sans CJK TC", BUNDLED],
        "title": ["Noto Sans CJK JP", "Noto Sans CJK TC", BUNDLED],
    }
    assert not caplog.records
    assert "内容" in text_of(Press(fonts).pdf(document("内容")))


def test_without_a_named_font_the_bundled_one_is_taken(caplog: pytest.LogCaptureFixture) -> None:
    assert PrintFonts(text=("没有的字体",)).chosen()["text"] == [BUNDLED]
    assert caplog.messages == [f"未找到字体 没有的字体，改用 {BUNDLED}。"]


def test_paragraphs_and_facts_are_set(press: Press) -> None:
    made = Document(
        "说明",
        date(2026, 1, 2),
        ("", ""),
        Facts(()),
        (Section("甲", (Paragraph("一段"),), (Section("乙", (Facts((("名", "值"),)),)),)),),
    )
    text = text_of(press.pdf(made))
    assert "一、甲一段（一）乙名值" in text
