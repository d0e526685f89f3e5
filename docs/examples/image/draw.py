"""Draws the ten pictures of the example: bar charts, half of them with a misleading axis.

Run it in this folder: `python draw.py`. It needs nothing but Python, and the same run gives the
same bytes.
"""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path

WIDTH, HEIGHT = 240, 180
WHITE, INK, BLUE = (255, 255, 255), (40, 40, 40), (43, 111, 158)
DIGITS = {
    "0": "755557", "1": "262227", "2": "717447", "3": "717117", "4": "557111",
    "5": "747117", "6": "747557", "7": "711222", "8": "757557", "9": "757117", ".": "000002",
}  # fmt: skip
CASES = [(96, 98), (50, 52), (71, 74), (88, 90), (40, 43)]
QUESTION = {
    "en": "Does the axis of this bar chart begin at zero?",
    "ja": "この棒グラフの軸は0から始まっていますか。",
}
CHOICES = {"en": ["Yes", "No"], "ja": ["はい", "いいえ"]}


class Picture:
    """A picture of plain colours, written as PNG."""

    def __init__(self) -> None:
        self.rows = [[WHITE] * WIDTH for _ in range(HEIGHT)]

    def box(self, left: int, top: int, right: int, bottom: int, colour: tuple[int, ...]) -> None:
        """Fill a rectangle."""
        for y in range(max(top, 0), min(bottom, HEIGHT)):
            self.rows[y][left:right] = [colour] * (right - left)

    def number(self, left: int, top: int, text: str) -> None:
        """Write a number in digits of three by six dots, each four pixels wide."""
        for place, sign in enumerate(text):
            for row, bits in enumerate(DIGITS[sign]):
                for column in range(3):
                    if int(bits) & (4 >> column):
                        x, y = left + 10 * place + 3 * column, top + 3 * row
                        self.box(x, y, x + 3, y + 3, INK)

    def save(self, path: Path) -> None:
        """Write the picture."""
        rows = b"".join(b"\0" + bytes(part for dot in row for part in dot) for row in self.rows)
        head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
        parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
        data = b"\x89PNG\r\n\x1a\n"
        for name, body in parts:
            data += struct.pack(">I", len(body)) + name + body
            data += struct.pack(">I", zlib.crc32(name + body))
        path.write_bytes(data)


def chart(values: tuple[int, int], first: int) -> Picture:
    """Draw two bars over an axis that begins at a number."""
    made, last = Picture(), max(values) + 2
    made.box(40, 10, 42, 160, INK)
    made.box(40, 158, 220, 160, INK)
    made.number(6, 146, str(first))
    made.number(6, 10, str(last))
    for place, value in enumerate(values):
        top = 158 - round(148 * (value - first) / (last - first))
        made.box(70 + 80 * place, top, 120 + 80 * place, 158, BLUE)
        made.number(82 + 80 * place, 162, str(value))
    return made


def main() -> None:
    """Draw the pictures and write the samples."""
    lines = []
    for number in range(10):
        values, misleading = CASES[number // 2], number % 2 == 1
        name = f"pictures/chart-{number:02}.png"
        chart(values, min(values) - 2 if misleading else 0).save(Path(name))
        for language, question in QUESTION.items():
            lines.append(
                {
                    "id": f"i-{number:02}-{language}", "language": language,
                    "pair_id": f"i-{number:02}", "cluster": f"values-{number // 2}",
                    "input": question, "files": [name], "choices": CHOICES[language],
                    "target": "B" if misleading else "A",
                    "tags": {"axis": "misleading" if misleading else "from_zero"},
                }
            )  # fmt: skip
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    Path("samples.jsonl").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
