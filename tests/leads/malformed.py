"""Files as they arrive broken: cut, mixed up, re-encoded, with bytes and cells that belong nowhere."""

import gzip
import random
from collections.abc import Callable

LEADS = (
    "会社名,姓,名,e-mail,役職,電話,従業員数,since,plan,y\n"
    '㈱東和,山田,太郎,taro@example.jp,"部長, 兼任",03-1234-5678,300,2024/6/30,Gold,yes\n'
    "株式会社北斗,佐藤,花子,hana@example.jp,課長,,,2024-07-01,Silver,no\n"
    ',鈴木,一郎,,"""主任""\n（兼）",090-1234-5678,,,Gold,\n'
    "双葉,,,info@example.jp,,,1千,,Gold,yes\n"
)
ACTS = (
    "user_id,event,timestamp,platform,url,id\n"
    "u1,Page View,2024-03-13 10:21:14,desktop,https://example.jp/a?x=1,e1\n"
    "u2,inquiry,2024/03/14,mobile,/contact,\n"
    "u1,inquiry,2024-03-12T09:00:00Z,desktop,,\n"
)
CELLS = (
    "", " ", '"', '""', '"open', "=1+1", "'=1", "\t", "\x00", "\x1f", "\u2028", "\ufeff", "\ufffe", "💥", "ﷺ" * 30,
    "𝟙" * 9, "1e308", "1e999", "-0", "NaN", "９" * 30, "0x1", "99999999999999999999", "1,2,3",
    "9999-99-99", "0000-00-00",
    "0001-01-01", "9999-12-31 23:59:59", "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z", "2024-02-30", "24:00", "true", "a@", "@", "a@b.c" * 60, "x" * 3000, "\\",
    "NULL", "None", "{}", "[]", "%s", "{0}", "|", "||", ";;;", "\r", "\n", "\r\n", "íéè", "ÿþ", "/" * 600, "1960-01-01",
)  # fmt: skip
ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "cp932",
    "euc_jp",
    "utf-32",
    "latin-1",
    "utf-7",
)

Breaker = Callable[[random.Random, bytes], bytes]


def broken(chance: random.Random, text: str) -> bytes:
    """The text with some of its cells exchanged, in some encoding, and then hurt in up to three ways."""
    for _ in range(chance.randrange(5)):
        text = _exchange_a_cell(chance, text)
    content = text.encode(chance.choice(ENCODINGS), "replace")
    for _ in range(chance.randrange(4)):
        content = chance.choice(BREAKERS)(chance, content)
    return content


def _exchange_a_cell(chance: random.Random, text: str) -> str:
    cells = text.split(",")
    cells[chance.randrange(len(cells))] = chance.choice(CELLS)
    return ",".join(cells)


def _cut(chance: random.Random, content: bytes) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _behead(chance: random.Random, content: bytes) -> bytes:
    return content[chance.randrange(len(content) + 1) :]


def _flip(chance: random.Random, content: bytes) -> bytes:
    hurt = bytearray(content)
    for _ in range(min(len(hurt), chance.choice((1, 3, 50)))):
        hurt[chance.randrange(len(hurt))] = chance.randrange(256)
    return bytes(hurt)


def _insert(chance: random.Random, content: bytes) -> bytes:
    at = chance.randrange(len(content) + 1)
    piece = chance.choice(
        (b'"', b"\x00", b"\xff\xfe", b"\r", b"\n\n", b",,,,", b";", b"\t", b"\x1f\x8b", chance.randbytes(40))
    )
    return content[:at] + piece + content[at:]


def _repeat(chance: random.Random, content: bytes) -> bytes:
    return content * chance.randrange(2, 5)


def _other_separator(chance: random.Random, content: bytes) -> bytes:
    return content.replace(b",", chance.choice((b";", b"\t", b"|", b",,", b"")))


def _pack(chance: random.Random, content: bytes) -> bytes:
    return gzip.compress(content)


def _shuffle_lines(chance: random.Random, content: bytes) -> bytes:
    lines = content.split(b"\n")
    chance.shuffle(lines)
    return b"\n".join(lines)


BREAKERS: tuple[Breaker, ...] = (
    _cut, _behead, _flip, _insert, _repeat, _other_separator, _pack, _shuffle_lines,
)  # fmt: skip
