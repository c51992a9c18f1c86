"""What is accepted at the door breaks out of nothing."""

import json
import shlex
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import values
from domain.errors import InvalidValue

# Ends or extends a PHP, JSON, SQL or shell string, begins a comment in an option file, or is markup.
BREAKING = set("'\"`\\$;#!<>{}|*?~^%") | {chr(code) for code in (*range(32), *range(127, 160))}
Parse = Callable[[str], Any]
QUOTED: dict[str, Parse] = {
    "line": lambda text: values.parse_line("f", text, length=128),
    "mail": lambda text: values.parse_mail("f", text),
    "phone": lambda text: values.parse_phone("f", text),
    "postcode": lambda text: values.parse_postcode("f", text),
    "host": lambda text: values.parse_host("f", text),
    "account": lambda text: values.parse_account("f", text, length=128),
    "folder": lambda text: values.parse_folder("f", text, length=64),
    "verp": lambda text: values.parse_verp_localpart("f", text, length=32),
}
LIKELY = [
    "Paroisse de l'Ascension", "Église Saint-Pierre-le-Jeune", "12 bis", "a@b.fr", "+33 3 88 00 00 00", "67000",
    "mail.example.org", "INBOX/bounces", "civibounce+", "127.0.0.1",
]  # fmt: skip
HOSTILE = "'\"`\\$;#!<>{}|*?~^%\n\r\t\0\x7f\x85\u2028\u202e\u200b\ufeff’«é@.+-/() a0"
TEXTS = st.one_of(
    st.text(),
    st.text(alphabet=HOSTILE, max_size=12),
    st.sampled_from(LIKELY),
    st.builds(
        lambda base, extra, at: base[:at] + extra + base[at:],
        st.sampled_from(LIKELY),
        st.text(alphabet=HOSTILE, max_size=2),
        st.integers(0, 20),
    ),
    st.from_regex(r"[a-z0-9+-]{1,9}@[a-z0-9]{1,9}\.[a-z]{2,3}", fullmatch=True),
    st.from_regex(r"\+?[0-9 .-]{5,16}", fullmatch=True),
)


def read(parse: Parse, text: str) -> str | None:
    """Return what is recorded; None when it was refused, once the refusal's form is checked."""
    try:
        return str(parse(text))
    except InvalidValue as error:
        assert error.params["field"] == "f"
        json.dumps(error.params, ensure_ascii=False).encode()  # a lone surrogate would not do
        return None


@pytest.mark.parametrize("name", QUOTED)
@settings(max_examples=300)
@given(text=TEXTS)
def test_nothing_recorded_breaks_out_of_a_quoted_string(name: str, text: str) -> None:
    recorded = read(QUOTED[name], text)
    if recorded is None:
        return
    assert not set(recorded) & BREAKING
    assert recorded == recorded.strip() and recorded.isprintable()
    assert unicodedata.is_normalized("NFC", recorded)
    assert not recorded.startswith(("-", "@", "=", "/", "."))
    assert all(ord(character) <= 0xFFFF for character in recorded)
    assert json.loads(f'"{recorded}"') == recorded
    if recorded:
        assert shlex.split(f'"{recorded}"') == shlex.split(f"'{recorded}'") == [recorded]
    assert QUOTED[name](recorded) == recorded


@pytest.mark.parametrize("name", QUOTED)
def test_each_form_records_something_likely(name: str) -> None:
    assert any(read(QUOTED[name], text) for text in LIKELY)


@pytest.mark.parametrize(
    ("given_text", "recorded"),
    [
        ("Paroisse de l'Ascension", "Paroisse de l’Ascension"),
        ("E\u0301glise", "Église"),
        ("  Saint \u00a0 Paul ", "Saint Paul"),
        ("Saint-Pierre & Saint-Paul (Neudorf)", "Saint-Pierre & Saint-Paul (Neudorf)"),
        ("« La Grange »", "« La Grange »"),
        ("Sacré-Cœur, n° 3", "Sacré-Cœur, n° 3"),
    ],
)
def test_french_names_are_recorded(given_text: str, recorded: str) -> None:
    assert values.parse_line("name", given_text, length=128) == recorded


@pytest.mark.parametrize(
    "text",
    ["", "   ", "a\n", "\na", "a\tb", 'a"b', "a\\b", "a`b", "a$b", "-rf", "@file", "=1+1", "Привет", "‮abc", "a" * 129,
     "\ud800", "a😀", "a\u200bb", "a＇b", "a\u2028b"],
)  # fmt: skip
def test_other_lines_are_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        values.parse_line("name", text, length=128)


def test_a_refused_character_is_named() -> None:
    with pytest.raises(InvalidValue) as caught:
        values.parse_line("name", "a\nb", length=128)
    assert "U+000A" in caught.value.params["reason"]


@pytest.mark.parametrize(
    ("text", "recorded"),
    [
        ("a@Example.ORG", "a@example.org"),
        ("Jean.Weber+x_y-z@a-b.fr", "Jean.Weber+x_y-z@a-b.fr"),
        ("a@xn--bcher-kva.de",) * 2,
    ],
)
def test_plain_mail_addresses_are_recorded(text: str, recorded: str) -> None:
    assert values.parse_mail("mail", text) == recorded


@pytest.mark.parametrize(
    "text",
    ["", "a", "a@b", "@b.fr", "a@", "a b@c.fr", '"a b"@c.fr', "a'b@c.fr", "-a@c.fr", ".a@c.fr", "a.@c.fr", "a..b@c.fr",
     "a@b.fr\n", "a@b..fr", "a@1.2.3.4", "é@b.fr", "a@bücher.de", "a@b@c.fr", "a" * 65 + "@b.fr", "a@b.fr."],
)  # fmt: skip
def test_other_mail_addresses_are_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        values.parse_mail("mail", text)


@pytest.mark.parametrize(
    "text",
    ["0388123456", "03 88 12 34 56", "03.88.12.34.56", "03-88-12-34-56", "+33388123456", "+33 (0)3 88 12 34 56",
     "0033388123456", "+33 3\u00a088\u202f12 34 56"],
)  # fmt: skip
def test_french_telephone_numbers_have_one_form(text: str) -> None:
    assert values.parse_phone("phone", text) == "+33 3 88 12 34 56"


def test_other_countries_keep_their_number() -> None:
    assert values.parse_phone("phone", "+49 7851 123456") == "+497851123456"


@pytest.mark.parametrize("text", ["038812345", "03881234567", "+330000", "abc", "٠٣٨٨١٢٣٤٥٦", "+33 3 88 12 34 5\n"])
def test_other_telephone_numbers_are_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        values.parse_phone("phone", text)


@pytest.mark.parametrize("text", ["", "6700", "670000", "67 000", "67000\n", "６７０００", "2A000"])
def test_other_post_codes_are_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        values.parse_postcode("postcode", text)


@pytest.mark.parametrize(("value", "port"), [(25, 25), ("993", 993), ("65535", 65535)])
def test_ports_are_numbers(value: object, port: int) -> None:
    assert values.parse_port("port", value) == port


@pytest.mark.parametrize("value", [0, -1, 65536, True, "", "25\n", "٢٥", " 25", "1e3", 25.0, None, "99999"])
def test_other_ports_are_refused(value: object) -> None:
    with pytest.raises(InvalidValue):
        values.parse_port("port", value)


@pytest.mark.parametrize("text", ["mail.example.org", "smtpdemo", "127.0.0.1"])
def test_servers_are_recorded(text: str) -> None:
    assert values.parse_host("host", text) == text


@pytest.mark.parametrize("text", ["a b", "a;b", "300.1.1.1", "1.2.3", "::1", "a_b", "http://a", "a:25", "a\n", "é.fr"])
def test_other_servers_are_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        values.parse_host("host", text)


@pytest.mark.parametrize("text", ["INBOX", "INBOX.bounces", "INBOX/b/c", "Junk Mail"])
def test_folders_are_recorded(text: str) -> None:
    assert values.parse_folder("folder", text, length=64) == text


@pytest.mark.parametrize("text", ["", "../etc", "/INBOX", "INBOX/", "a//b", "é", "a\n", "a}b"])
def test_other_folders_are_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        values.parse_folder("folder", text, length=64)


@given(st.text(min_size=1, max_size=128))
def test_a_password_is_recorded_unchanged_or_refused_without_being_shown(text: str) -> None:
    printable = text.isprintable() and text == text.strip()
    try:
        with translation.override("en"):
            assert values.parse_password("password", text) == text
    except InvalidValue as error:
        assert not printable
        assert error.params["reason"].startswith(("holds a character that cannot be printed", "begins or ends with"))
    else:
        assert printable


@pytest.mark.parametrize("text", ["secret\n", "a\0b", " secret", "secret ", "a" * 129, "a\tb"])
def test_other_passwords_are_refused(text: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        values.parse_password("smtp_password", text)
    assert "secret" not in caught.value.params["reason"]


@pytest.mark.parametrize(("value", "flag"), [(True, True), ("yes", True), ("FALSE", False), ("0", False)])
def test_flags(value: object, flag: bool) -> None:
    assert values.parse_flag("flag", value) is flag


@pytest.mark.parametrize("value", ["maybe", 1, None, "", "yes\n"])
def test_other_flags_are_refused(value: object) -> None:
    with pytest.raises(InvalidValue):
        values.parse_flag("flag", value)


@pytest.mark.parametrize("parse", [values.parse_mail, values.parse_postcode, values.parse_host, values.parse_password])
@pytest.mark.parametrize("value", [67000, None, ["a"], b"a", True])
def test_what_is_no_text_is_refused(parse: Callable[[str, object], str], value: object) -> None:
    with pytest.raises(InvalidValue):
        parse("field", value)
