"""XML bodies: no DTD, nothing twice, nothing within what is text; and one form of what was read."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.errors import MalformedXml
from tests.wire.reading.asking import asking, read

SPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def delete(body: str) -> Any:
    return read(asking("POST", "/b", "delete", body=body.encode()))


@pytest.mark.parametrize(
    "body",
    [
        "not XML",
        "<Delete>",
        "<Delete/><Delete/>",
        "<Other/>",
        "<delete/>",
        '<!DOCTYPE Delete [<!ENTITY x "y">]><Delete><Object><Key>&x;</Key></Object></Delete>',
        '<!DOCTYPE Delete SYSTEM "file:///etc/passwd"><Delete/>',
        "<!DOCTYPE Delete><Delete/>",
        "<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>",
        "<Delete><Quiet>true</Quiet><Quiet>false</Quiet></Delete>",
        "<Delete><Quiet>perhaps</Quiet></Delete>",
        "<Delete><Object><Key>a<b/>c</Key></Object></Delete>",
        "<Delete><Object><Key>&undefined;</Key></Object></Delete>",
        "<Delete><Object><Key>&#1;</Key></Object></Delete>",
        "<Delete><Object><Size>1e3</Size></Object></Delete>",
        "<Delete><Object><LastModifiedTime>now</LastModifiedTime></Object></Delete>",
        "<Delete>" + "<Object>" * 400 + "</Object>" * 400 + "</Delete>",
        "<Delete><Object>text<Key>a</Key></Object></Delete>",
        '<?xml version="1.0" encoding="UTF-7"?><Delete><Object><Key>+x</Key>+AGE-</Object></Delete>',
        '<x:Delete xmlns:x="urn:a"><Object><Key>a</Key><x:Key>b</x:Key></Object></x:Delete>',
    ],
)
def test_what_is_no_such_document_is_refused(body: str) -> None:
    with pytest.raises(MalformedXml):
        delete(body)


@pytest.mark.parametrize("declared", ["", SPACE, 'xmlns="urn:other"'])
def test_a_document_is_read_with_its_namespace_or_without(declared: str) -> None:
    body = f"<Delete {declared}>\n <!-- x --><Object><Key>a&lt;\u00e9</Key><X>1</X></Object><?y?></Delete>"
    found = delete(body)
    assert found.members["Delete"] == {"Objects": [{"Key": "a<\u00e9"}]}
    expected = f"<Delete {SPACE}><Object><Key>a&lt;\u00e9</Key></Object></Delete>".encode()
    assert found.written.body.partition(b"\n")[2] == expected


def test_a_text_in_pieces_is_one() -> None:
    assert delete("<Delete><Object><Key>a<![CDATA[<b>]]>c<!-- x -->d</Key></Object></Delete>").members[
        "Delete"
    ] == {"Objects": [{"Key": "a<b>cd"}]}


def test_a_document_is_utf_8_whatever_it_says() -> None:
    found = delete('<?xml version="1.0" encoding="UTF-7"?><Delete><Object><Key>+AGE-</Key></Object></Delete>')
    assert found.members["Delete"] == {"Objects": [{"Key": "+AGE-"}]}
    with pytest.raises(MalformedXml):
        read(asking("POST", "/b", "delete", body="<Delete/>".encode("utf-16")))


def test_white_space_of_a_key_is_kept() -> None:
    found = delete("<Delete><Object><Key> a&#13;\n</Key></Object></Delete>")
    assert found.members["Delete"]["Objects"] == [{"Key": " a\r\n"}]
    assert b"<Key> a&#13;\n</Key>" in found.written.body


def test_an_attribute_is_read_and_written() -> None:
    body = (
        "<AccessControlPolicy><AccessControlList><Grant>"
        f'<Grantee {XSI} xsi:type="CanonicalUser" other="x"><ID>1</ID></Grantee>'
        "<Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"
    )
    found = read(asking("PUT", "/b", "acl", body=body.encode()))
    policy = found.members["AccessControlPolicy"]
    assert policy["Grants"] == [{"Grantee": {"Type": "CanonicalUser", "ID": "1"}, "Permission": "READ"}]
    assert found.written.body is not None
    assert f'<Grantee {XSI} xsi:type="CanonicalUser"><ID>1</ID></Grantee>'.encode() in found.written.body


def test_a_body_of_all_members_has_the_inputs_name() -> None:
    body = b"<CreateHostedZoneRequest><Name>a.example</Name></CreateHostedZoneRequest>"
    found = read(asking("POST", "/2013-04-01/hostedzone", signed="route53", body=body))
    assert found.members == {"Name": "a.example"}
    with pytest.raises(MalformedXml):
        read(asking("POST", "/2013-04-01/hostedzone", signed="route53", body=b"<Other/>"))


def test_an_empty_document_is_one() -> None:
    found = read(asking("PUT", "/b", "notification", body=b"<NotificationConfiguration/>"))
    assert found.members == {"Bucket": "b", "NotificationConfiguration": {}}
    assert found.written.body is not None
    assert b"<NotificationConfiguration " in found.written.body
    without = read(asking("PUT", "/b", body=b""))
    assert (without.members, without.written.body) == ({"Bucket": "b"}, b"")
