"""Reads a dump: one document, several in an array or one behind the other, in one file or in many.

Every error says where: the line of what is no JSON, the path of what is of another shape.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from rolekeeper.arn import Arn
from rolekeeper.errors import ConfigurationError
from rolekeeper.iam import aws_policies
from rolekeeper.moving.form import LISTS, Detail, Page, text_of

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.?[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
_BYTE = re.compile(r" \(byte (\d+)\)$")
_ENCODINGS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: "utf-8-sig"}
_ACCOUNT = re.compile(r"\d{12}")
_pages = msgspec.json.Decoder(Page | list[Page])
_lists = msgspec.json.Decoder(dict[str, msgspec.Raw] | list[dict[str, msgspec.Raw]])


class DumpError(ConfigurationError):
    """A file is no dump; the text names the place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dump:
    """All pages as one, and whose they are. `account` is None where nothing is in them."""

    page: Page
    account: str | None
    partition: str


def read_dump(files: Iterable[tuple[str, bytes]]) -> Dump:
    """The dump in some files, given by name and content; DumpError."""
    pages = [page for name, content in files for page in _read(name, content)]
    whole = Page(
        user_detail_list=tuple(one for page in pages for one in page.user_detail_list),
        group_detail_list=tuple(one for page in pages for one in page.group_detail_list),
        role_detail_list=tuple(one for page in pages for one in page.role_detail_list),
        policies=tuple(one for page in pages for one in page.policies),
    )
    found = {_owner(detail) for detail in details(whole)}
    owners = {(partition, account) for partition, account in found if account != aws_policies.OWNER}
    if len(owners) > 1:
        several = ", ".join(sorted(account for _, account in owners))
        raise DumpError(f"the dump is of more than one account: {several}")
    partition, account = owners.pop() if owners else ("aws", None)
    return Dump(page=whole, account=account, partition=partition)


def read_page(content: bytes) -> Page:
    """One page as a server is sent it; DumpError."""
    page, *more = _read("the page", content)
    if more:
        raise DumpError("the body is not one page")
    return page


def details(page: Page) -> Iterator[Detail]:
    """All that stands in a page."""
    yield from page.policies
    yield from page.group_detail_list
    yield from page.user_detail_list
    yield from page.role_detail_list


def owner(detail: Detail) -> str:
    """The account in the ARN of something."""
    return _owner(detail)[1]


def _owner(detail: Detail) -> tuple[str, str]:
    try:
        arn = Arn.parse(detail.arn)
    except ValueError as error:
        raise DumpError(str(error)) from None
    if arn.service != "iam" or not (arn.account == aws_policies.OWNER or _ACCOUNT.fullmatch(arn.account)):
        raise DumpError(f"not an ARN of IAM: {detail.arn[:256]!r}")
    return arn.partition, arn.account


def _read(name: str, content: bytes) -> list[Page]:
    text = _utf8(name, content)
    found = [page for start, end in _documents(text) for page in _decode(name, text, start, end)]
    if not found:
        raise DumpError(f"{name}: there is nothing in it")
    return found


def _decode(name: str, text: bytes, start: int, end: int) -> list[Page]:
    part = text[start:end]
    try:
        read, given = _pages.decode(part), _lists.decode(part)
    except msgspec.ValidationError as error:
        raise DumpError(f"{name}: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DumpError(f"{name}: no JSON: {_with_line(str(error), text, start)}") from None
    pages: list[Page] = read if isinstance(read, list) else [read]
    members = given if isinstance(given, list) else [given]
    for number, (page, named) in enumerate(zip(pages, members, strict=True)):
        if not any(member in named for member in LISTS):
            raise DumpError(f"{name}: no authorization details: page {number} has none of {', '.join(LISTS)}")
        _check_documents(name, page)
    return pages


def _check_documents(name: str, page: Page) -> None:
    """Documents are read when they are brought; that each has a text at all is seen here."""
    for kind, index, place, document in _all_documents(page):
        try:
            text_of(document).encode()
        except (ValueError, msgspec.MsgspecError, RecursionError) as error:
            raise DumpError(f"{name}: {error} - at `$.{kind}[{index}].{place}`") from None


def _all_documents(page: Page) -> Iterator[tuple[str, int, str, msgspec.Raw]]:
    for number, user in enumerate(page.user_detail_list):
        for index, inline in enumerate(user.user_policy_list):
            yield LISTS[0], number, f"UserPolicyList[{index}].PolicyDocument", inline.policy_document
    for number, group in enumerate(page.group_detail_list):
        for index, inline in enumerate(group.group_policy_list):
            yield LISTS[1], number, f"GroupPolicyList[{index}].PolicyDocument", inline.policy_document
    for number, role in enumerate(page.role_detail_list):
        yield LISTS[2], number, "AssumeRolePolicyDocument", role.assume_role_policy_document
        for index, inline in enumerate(role.role_policy_list):
            yield LISTS[2], number, f"RolePolicyList[{index}].PolicyDocument", inline.policy_document
    for number, policy in enumerate(page.policies):
        for index, version in enumerate(policy.policy_version_list):
            yield LISTS[3], number, f"PolicyVersionList[{index}].Document", version.document


def _documents(text: bytes) -> Iterable[tuple[int, int]]:
    """Where each JSON document begins and ends; what cannot be told apart is one, for its error."""
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except msgspec.DecodeError as error:
        if "trailing characters" in str(error):  # something is behind the first
            return _one_behind_the_other(text)
    except RecursionError:
        pass
    return [(0, len(text))] if text.strip() else []


def _one_behind_the_other(text: bytes) -> Iterator[tuple[int, int]]:
    depth = start = 0
    for token in _TOKEN.finditer(text):
        character = text[token.start()]
        if character in b"[{":
            depth += 1
        elif character in b"]}":
            depth -= 1
            if depth == 0:
                yield start, token.end()
                start = token.end()
    if text[start:].strip():
        yield start, len(text)


def _utf8(name: str, content: bytes) -> bytes:
    for mark, encoding in _ENCODINGS.items():
        if content.startswith(mark):
            try:
                return content.decode(encoding).encode()
            except UnicodeError as error:
                raise DumpError(f"{name}: not {encoding} text: {error}") from None
    return content


def _with_line(complaint: str, text: bytes, start: int) -> str:
    """The complaint with a line in the place of the byte, counted from the file's beginning."""
    found = _BYTE.search(complaint)
    if found is None:
        return complaint
    place = start + int(found[1])
    line = text.count(b"\n", 0, place) + 1
    return f"{complaint[: found.start()]} (line {line}, byte {place})"
