from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolekeeper.policy import several
from rolekeeper.policy.patterns import Alternatives, any_of, is_always, matcher
from rolekeeper.policy.several import LONG_TEXT, MANY
from rolekeeper.policy.shapes import Test
from rolekeeper.policy.tokens import Token, Wildcard, split_segments, tokenize


def arn_matcher(pattern: str) -> Test:
    alternatives = Alternatives()
    alternatives.add_arn(tokenize(pattern))
    return alternatives.test()


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("abc", "abcd"),
        ("abc", "ABC"),
        ("", "a"),
        ("abc*", "ab"),
        ("*abc", "abcd"),
        ("ab*bc", "abc"),
        ("a*b*c", "acb"),
        ("a*b*b", "ab"),
        ("?", ""),
        ("?", "ab"),
        ("a?c", "ac"),
        ("a?*", "a"),
        ("*?b", "b"),
        ("a*?c*d", "acd"),
        ("a.c", "abc"),
        ("[ab]", "a"),
        ("a\\*", "a*"),
    ],
)
def test_a_pattern_does_not_match(pattern: str, text: str) -> None:
    assert not matcher(pattern)(text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("abc", "abc"),
        ("", ""),
        ("*", ""),
        ("**", "a/b:c"),
        ("abc*", "abc"),
        ("abc*", "abc\nd"),
        ("*abc", "xabc"),
        ("ab*bc", "abbc"),
        ("a*b*c", "a/b/b/c"),
        ("a**b", "ab"),
        ("a?c", "a\nc"),
        ("?", "é"),
        ("a?*", "ab"),
        ("*?b", "ab"),
        ("a*?c*d", "aacbcd"),
        ("*a?b*", "xxaxbxx"),
        ("[ab]", "[ab]"),
        ("a\\*", "a\\b"),
    ],
)
def test_a_pattern_matches(pattern: str, text: str) -> None:
    assert matcher(pattern)(text)


def test_no_patterns_match_nothing() -> None:
    assert not any_of([])("")


def test_one_of_several_suffices() -> None:
    test = any_of(["literal", "prefix*", "*suffix", "a*b", "?"])
    assert all(test(text) for text in ("literal", "prefixed", "a suffix", "a-b", "x"))
    assert not test("a literal")


def test_everything_is_known_as_such() -> None:
    assert is_always(any_of(["a", "*"]))
    assert not is_always(any_of(["?*"]))


@pytest.mark.parametrize(
    "pattern", ["a*" * 500 + "b", "?*" * 500 + "b", "*a?a" * 300 + "b", "*" + "a" * 2000 + "b*"]
)
def test_a_hostile_pattern_is_decided(pattern: str) -> None:
    assert not matcher(pattern)("a" * 5000)


@pytest.mark.fact(46)
@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::1:2:role/x",
        "arn:aws:iam:::role/x",
        "arn:aws:iam::11:user/x",
        "arn:aws:iam:r:11:role/x",
        "arn:aws:iam::11",
        "*",
    ],
)
def test_a_wildcard_stays_inside_its_segment(arn: str) -> None:
    assert not arn_matcher("arn:aws:iam::?*:role/*")(arn)


@pytest.mark.fact(46)
@pytest.mark.parametrize("arn", ["arn:aws:iam::11:role/x", "arn:aws:iam::11:role/a/b:c"])
def test_only_the_sixth_segment_may_hold_colons(arn: str) -> None:
    assert arn_matcher("arn:aws:iam::?*:role/*")(arn)


@pytest.mark.fact(45)
def test_an_arn_keeps_its_case() -> None:
    assert arn_matcher("arn:aws:s3:::b/*")("arn:aws:s3:::b/deep/key")
    assert not arn_matcher("arn:aws:s3:::b/*")("arn:aws:s3:::B/deep/key")


@pytest.mark.fact(47)
def test_a_bucket_is_not_its_objects() -> None:
    assert not arn_matcher("arn:aws:s3:::b")("arn:aws:s3:::b/key")
    assert not arn_matcher("arn:aws:s3:::b/*")("arn:aws:s3:::b")


def test_a_pattern_is_cut_at_its_first_five_colons() -> None:
    segments = split_segments(["arn:aws:s3", ":::b:", Wildcard.ANY, ":c"])
    assert segments == [["arn"], ["aws"], ["s3"], [], [], ["b:", Wildcard.ANY, ":c"]]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("a*?", "a", False),
        ("a*?", "ab", True),
        ("*??b?*", "xxb", False),
        ("*??b?*", "xbxb", False),
        ("*??b?*", "xxbx", True),
        ("?*?", "a", False),
        ("?*?", "ab", True),
        ("*a?b*c", "aabxc", True),
        ("*a?b*c", "abbc", True),
        ("*a?b*c", "abc", False),
        ("a?*?a", "aa", False),
        ("a?*?a", "axa", False),
        ("a?*?a", "axxa", True),
    ],
)
def test_question_marks_beside_stars_keep_their_distance(pattern: str, text: str, expected: bool) -> None:
    assert matcher(pattern)(text) is expected


def test_a_segment_is_tested_each_time_from_the_first() -> None:
    matches = arn_matcher("arn:a*:s?:*:1*:x")
    texts = ["arn:b:s3::1:x", "arn:a:s3::1:y", "arn:a:s3::1:x", "arn:b:s3::1:x", "arn:a:s3::2:x"]
    assert [matches(text) for text in texts] == [False, False, True, False, False]


def test_a_segment_that_two_ask_for_at_once_leaves_out_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    matches, make = arn_matcher("arn:a*:s?:*:1*:x"), several._segment

    def meanwhile(tokens: tuple[Token, ...]) -> Test:
        monkeypatch.setattr(several, "_segment", make)
        matches("arn:a:zz::1:x")  # another thread, while the first makes its test
        return make(tokens)

    monkeypatch.setattr(several, "_segment", meanwhile)
    assert not matches("arn:b:s3::1:x")
    assert not matches("arn:a:s3::2:y")
    assert matches("arn:a:s3::1:x")


@given(
    st.lists(st.text("ab*?", max_size=6), min_size=2, max_size=6),
    st.text("ab", max_size=8),
    st.sampled_from(["", "c" * LONG_TEXT]),
)
def test_several_are_what_each_is_alone(several: list[str], text: str, more: str) -> None:
    assert any_of(several)(text + more) is any(matcher(pattern)(text + more) for pattern in several)


@given(
    st.lists(st.lists(st.text("a*?", max_size=3), min_size=6, max_size=6), min_size=2, max_size=4),
    st.lists(st.text("a", max_size=3), min_size=6, max_size=6),
    st.sampled_from(["", "c" * LONG_TEXT]),
)
def test_several_arns_are_what_each_is_alone(several: list[list[str]], parts: list[str], more: str) -> None:
    alternatives = Alternatives()
    for segments in several:
        alternatives.add_arn(tokenize(":".join(segments)))
    text = ":".join(parts) + more
    assert alternatives.test()(text) is any(arn_matcher(":".join(segments))(text) for segments in several)


@given(st.text("0123ab", max_size=8), st.sampled_from(["", "c" * LONG_TEXT]))
def test_many_are_what_each_is_alone(text: str, more: str) -> None:
    many = [
        f"{start}{number}{end}" for number in range(MANY) for start in ("*", "?", "a*") for end in ("*", "?b")
    ]
    test = any_of(many)
    for _ in range(3):  # the tests are made a few at a time
        assert test(text + more) is any(matcher(pattern)(text + more) for pattern in many)


@given(
    st.lists(st.text("ab*?", max_size=5), min_size=12, max_size=MANY + 4),
    st.lists(st.text("ab", max_size=8), min_size=1, max_size=4),
)
def test_a_list_is_the_same_however_often_it_is_asked(written: list[str], texts: list[str]) -> None:
    test = any_of(written)
    for text in texts * 3:
        assert test(text) is any(matcher(pattern)(text) for pattern in written)


@given(
    st.lists(
        st.lists(st.text("a*?", max_size=2), min_size=6, max_size=6).map(":".join), min_size=10, max_size=14
    ),
    st.lists(st.text("a", max_size=2), min_size=5, max_size=7).map(":".join),
)
def test_many_arns_are_what_each_is_alone(several: list[str], text: str) -> None:
    alternatives = Alternatives()
    for pattern in several:
        alternatives.add_arn(tokenize(pattern))
    test = alternatives.test()
    for _ in range(3):
        assert test(text) is any(arn_matcher(pattern)(text) for pattern in several)


def test_many_with_one_that_needs_nothing() -> None:
    test = any_of([*(f"*{number}*" for number in range(MANY)), "?*?", "??*"])
    assert test("xy") and not test("x") and test("7") and not test("")
