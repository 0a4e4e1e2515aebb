"""Whatever a machine sends as a certificate, a chain or a signature is read or refused, and never fails."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from rolekeeper.errors import AwsError
from rolekeeper.iam import certificate_attributes, certificate_chains, revocation_lists
from rolekeeper.wire import x509_signature
from rolekeeper.wire.http import HttpRequest
from tests.anywhere import Machine, authority, name, rsa_key, session_request

ROOT = authority()
NAMES = x509.SubjectAlternativeName(
    [
        x509.DNSName("web.example.com"),
        x509.UniformResourceIdentifier("spiffe://example.com/web"),
        x509.DirectoryName(name("inner", ORGANIZATION_NAME="inside")),
    ]
)
SUBJECT = name("web", ORGANIZATIONAL_UNIT_NAME="Ops")
LEAVES = [Machine(SUBJECT, ROOT, more=[(NAMES, False)]), Machine(SUBJECT, ROOT, key=rsa_key())]
LIST = ROOT.revoking(LEAVES[0])
EDITS = st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=4)

pytestmark = pytest.mark.filterwarnings("ignore")  # the library warns of some odd certificates


def edited(original: bytes, edits: list[tuple[int, int]]) -> bytes:
    changed = bytearray(original)
    for place, byte in edits:
        changed[place % len(changed)] = byte
    return bytes(changed)


@given(st.sampled_from(LEAVES), EDITS)
def test_a_changed_certificate_is_itself_or_untrusted(leaf: Machine, edits: list[tuple[int, int]]) -> None:
    der = edited(leaf.der, edits)
    try:
        found = certificate_chains.read(der)
        certificate_chains.path(found, [found], [ROOT.certificate], datetime.now(UTC))
    except certificate_chains.Untrusted:
        return
    assert found.tbs_certificate_bytes == leaf.certificate.tbs_certificate_bytes


@given(st.sampled_from(LEAVES), EDITS)
def test_the_names_of_a_changed_certificate_are_tags_or_refused(
    leaf: Machine, edits: list[tuple[int, int]]
) -> None:
    with contextlib.suppress(certificate_chains.Untrusted, certificate_attributes.Unmappable):
        found = certificate_chains.read(edited(leaf.der, edits))
        certificate_chains.require_end_entity(found)
        tags = certificate_attributes.tags(found, certificate_attributes.DEFAULT_MAPPINGS)
        json.dumps(tags)
        certificate_attributes.source_identity(found)
        certificate_attributes.session_name(found)


@given(EDITS)
def test_a_changed_list_names_what_it_named_or_is_refused(edits: list[tuple[int, int]]) -> None:
    with contextlib.suppress(ValueError):
        revocation_lists.require_signed(edited(LIST, edits), [ROOT.certificate])


HEADERS = st.dictionaries(
    st.sampled_from(["authorization", "x-amz-x509", "x-amz-x509-chain", "x-amz-date", "host"]),
    st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=200),
)


@given(HEADERS, st.booleans())
def test_whatever_stands_in_the_headers_is_read_or_refused(headers: dict[str, str], signed: bool) -> None:
    own = dict(session_request(LEAVES[0], {}).headers) if signed else {}
    request = HttpRequest(method="POST", path="/sessions", headers=list((own | headers).items()))
    with contextlib.suppress(AwsError):
        x509_signature.read(request)
