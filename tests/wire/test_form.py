"""Forms are read strictly: each thing that is no form is an AWS error, and nothing is guessed."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolekeeper.errors import AwsError, MalformedInput, MalformedQueryString
from rolekeeper.wire.form import FORM_TYPE, MAX_PARAMETERS, Form, parse_form


def post(body: bytes, query: str = "", content_type: str | None = FORM_TYPE) -> Form:
    return parse_form("POST", query, content_type, body)


@pytest.mark.parametrize(
    "text", ["%", "a%", "a=%4", "a=%zz", "a=%4g", "%G1=a", "a=%%341", "a=%34%%341", "a=% 41"]
)
def test_a_broken_escape_is_refused(text: str) -> None:
    with pytest.raises(MalformedQueryString, match="percent sign"):
        post(text.encode())


@pytest.mark.parametrize("body", [b"a=\xff", b"\xc3=a", b"a=%FF", b"a=%C3", b"a=%ED%A0%80", b"a=%C0%AF"])
def test_bytes_that_are_not_utf8_are_refused(body: bytes) -> None:
    with pytest.raises(MalformedQueryString, match="not UTF-8"):
        post(body)


@pytest.mark.parametrize("query", ["a=\u00e9", "a=\udcff", "\xc3\xa9=1"])
def test_a_query_string_that_is_not_ascii_is_refused(query: str) -> None:
    with pytest.raises(MalformedQueryString, match="not ASCII"):
        parse_form("GET", query, None, b"")
    with pytest.raises(MalformedQueryString, match="not ASCII"):
        post(b"a=1", query=query)


@pytest.mark.parametrize("body", [b"a=\0", b"\0=a", b"a=%00", b"a%00=1", b"a=%41%00"])
def test_a_nul_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedQueryString, match="NUL"):
        post(body)


@pytest.mark.parametrize("body", [b"a=1&a=1", b"a=1&b=2&a=3", b"a=1&%61=2", b"a&a", b"a=1&&a=2"])
def test_a_parameter_that_stands_twice_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedQueryString, match="'a' more than once"):
        post(body)


def test_a_parameter_in_both_the_body_and_the_query_string_is_refused() -> None:
    with pytest.raises(MalformedQueryString, match="'RoleName' more than once"):
        post(b"Action=GetRole&RoleName=a", query="RoleName=b")


def test_the_name_of_a_repeated_parameter_is_cut_short_in_the_error() -> None:
    with pytest.raises(MalformedQueryString) as caught:
        post(b"x" * 9000 + b"=1&" + b"x" * 9000 + b"=2")
    assert len(caught.value.message) < 300


def test_too_many_parameters_are_refused() -> None:
    body = "&".join(f"p{number}=1" for number in range(MAX_PARAMETERS + 1)).encode()
    with pytest.raises(MalformedQueryString, match="more than 10000"):
        post(body)
    assert len(post(body.rpartition(b"&")[0])) == MAX_PARAMETERS


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/xml", "multipart/form-data; boundary=x", "form"]
)
def test_a_body_of_another_type_is_refused(content_type: str) -> None:
    with pytest.raises(MalformedInput, match="content type"):
        post(b"Action=GetRole", content_type=content_type)


@pytest.mark.parametrize(
    "content_type",
    [None, "", FORM_TYPE, f"{FORM_TYPE}; charset=utf-8", "Application/X-WWW-Form-URLencoded;x"],
)
def test_a_form_is_read_whatever_stands_behind_its_type(content_type: str | None) -> None:
    assert post(b"Action=GetRole", content_type=content_type) == {"Action": "GetRole"}


def test_a_plain_form_is_read() -> None:
    assert post(b"Action=GetRole&RoleName=dev=1&Empty=") == {
        "Action": "GetRole",
        "RoleName": "dev=1",
        "Empty": "",
    }


def test_empty_pairs_are_nothing_and_a_bare_name_is_empty() -> None:
    assert post(b"&a=1&&b&") == {"a": "1", "b": ""}


def test_plus_is_a_space_and_an_escaped_plus_is_a_plus() -> None:
    assert post(b"a+b=1+2&c=1%2B2") == {"a b": "1 2", "c": "1+2"}


def test_what_is_escaped_twice_is_decoded_once() -> None:
    assert post(b"a=%2541%25%2525") == {"a": "%41%%25"}


def test_a_get_has_its_parameters_in_the_query_string() -> None:
    assert parse_form("GET", "Action=GetCallerIdentity", None, b"ignored=1") == {
        "Action": "GetCallerIdentity"
    }


def test_a_post_without_a_body_has_them_there_too() -> None:
    assert parse_form("POST", "Action=GetCallerIdentity", "application/json", b"") == {
        "Action": "GetCallerIdentity"
    }


def test_a_post_has_them_in_both() -> None:
    assert post(b"RoleName=dev", query="Action=GetRole") == {"RoleName": "dev", "Action": "GetRole"}


def test_the_parameters_of_the_signature_are_left_out() -> None:
    query = "Action=GetRole&X-Amz-Signature=0f&X-Amz-Security-Token=secret"
    assert parse_form("GET", query, None, b"") == {"Action": "GetRole"}
    assert post(b"RoleName=dev", query=query) == {"RoleName": "dev", "Action": "GetRole"}


def test_nothing_at_all_is_an_empty_form() -> None:
    assert parse_form("GET", "", None, b"") == parse_form("POST", "", None, b"") == {}


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


@given(st.dictionaries(TEXT.filter(bool), TEXT, min_size=1))
def test_any_form_that_is_encoded_is_decoded_to_itself(form: dict[str, str]) -> None:
    assert post(urlencode(form).encode()) == form


@given(
    st.sampled_from(["GET", "POST", "PUT"]),
    st.text(max_size=40),
    st.none() | st.text(max_size=40),
    st.binary(),
)
def test_whatever_comes_the_answer_is_a_form_or_an_aws_error(
    method: str, query: str, content_type: str | None, body: bytes
) -> None:
    try:
        form = parse_form(method, query, content_type, body)
    except AwsError as error:
        assert error.fault == "Sender"
    else:
        assert all(isinstance(text, str) and "\0" not in text for pair in form.items() for text in pair)


@given(
    st.lists(st.sampled_from([b"a", b"%", b"4", b"1", b"2", b"5", b"&", b"=", b"+", b"\xc3", b"\0"])).map(
        b"".join
    )
)
def test_escapes_are_read_as_the_simplest_decoder_reads_them(body: bytes) -> None:
    try:
        form = post(body)
    except AwsError:
        return
    pairs = [pair.partition(b"=")[::2] for pair in body.split(b"&") if pair]
    assert form == {_slowly(name): _slowly(value) for name, value in pairs}


def _slowly(data: bytes) -> str:
    decoded, at = bytearray(), 0
    while at < len(data):
        escaped = data[at : at + 1] == b"%"
        decoded += (
            bytes.fromhex(data[at + 1 : at + 3].decode())
            if escaped
            else data[at : at + 1].replace(b"+", b" ")
        )
        at += 3 if escaped else 1
    return decoded.decode()
