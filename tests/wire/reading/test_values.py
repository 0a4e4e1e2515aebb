"""What may be seen of a request that was read: nothing that could be a secret."""

from __future__ import annotations

from rolekeeper.wire import reading
from tests.wire.reading.asking import asking, read, target


def test_no_value_is_shown() -> None:
    found = read(target("ssm", "AmazonSSM.PutParameter", b'{"Name":"n","Value":"hidden"}'))
    assert repr(found) == "Reading(Name, Value)"
    assert repr(found.written) == "Written(POST, 29 bytes)"
    upload = asking("PUT", "/b/hidden", x_amz_server_side_encryption_customer_key="hidden")
    assert repr(read(upload).written) == "Written(PUT, streamed)"
    assert repr(reading.find(upload)) == "Route(s3, PutObject, rest-xml)"
