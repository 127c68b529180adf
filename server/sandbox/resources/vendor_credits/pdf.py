"""Lines of text as a PDF file."""

from collections.abc import Sequence

MEDIA_TYPE = "application/pdf"

LINES = 60
"""On a page."""

_FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding>>"


def of_lines(lines: Sequence[str]) -> bytes:
    """The lines in a fixed-width font on as many pages as they need. Letters the font lacks become question marks."""
    pages = [lines[start : start + LINES] for start in range(0, max(len(lines), 1), LINES)]
    numbers = [4 + 2 * index for index in range(len(pages))]
    kids = " ".join(f"{number} 0 R" for number in numbers)
    tree = f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>".encode()
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", tree, _FONT]
    for number, page in zip(numbers, pages, strict=True):
        resources = f"/Resources<</Font<</F 3 0 R>>>>/Contents {number + 1} 0 R"
        objects.append(f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]{resources}>>".encode())
        content = _content(page)
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
    return _file(objects)


def _content(lines: Sequence[str]) -> bytes:
    shown = b"".join(b"(%s)Tj T*\n" % _escaped(line) for line in lines)
    return b"BT /F 9 Tf 12 TL 50 790 Td\n" + shown + b"ET"


def _escaped(line: str) -> bytes:
    text = "".join(letter if letter.isprintable() else "?" for letter in line).encode("cp1252", "replace")
    return text.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _file(objects: Sequence[bytes]) -> bytes:
    content = b"%PDF-1.4\n"
    offsets = []
    for number, written in enumerate(objects, 1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, written)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    return content + head + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(content))
