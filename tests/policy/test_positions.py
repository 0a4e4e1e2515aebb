from __future__ import annotations

import json

import pytest

from rolekeeper.policy.positions import simulator_spans, statement_spans


def cut(source):
    """The texts of the statements, by their offsets."""
    return [source[span.start.offset : span.end.offset + 1] for span in statement_spans(source)]


def places(source):
    return [
        (span.start.line, span.start.column, span.end.line, span.end.column)
        for span in statement_spans(source)
    ]


@pytest.mark.parametrize(
    "source", ["", "{}", "[]", "null", '"Statement"', '{"Version": "2012-10-17"}', '{"Statement": []}', "{"]
)
def test_a_text_without_statements_has_no_spans(source):
    assert statement_spans(source) == ()


@pytest.mark.parametrize(
    "source", ['{"Statement": ', '{"Statement": [', '{"Statement": [{"a": "', '{"Statement": {"a": "\\']
)
def test_a_text_that_is_cut_off_ends_the_search(source):
    assert statement_spans(source) == ()


def test_a_single_statement_object_is_one():
    source = '{"Version":"2012-10-17","Statement":{"Effect":"Deny"}}'
    assert cut(source) == ['{"Effect":"Deny"}']
    assert places(source) == [(1, 37, 1, 53)]


def test_lines_and_columns_count_from_one():
    source = '{\n  "Statement": [\n    {"Sid": "A"},\n    {\n      "Sid": "B"\n    }\n  ]\n}\n'
    assert places(source) == [(3, 5, 3, 16), (4, 5, 6, 5)]


def test_windows_line_ends_count_once():
    assert places('{\r\n"Statement": [\r\n {}]}') == [(3, 2, 3, 3)]


def test_equal_statements_have_places_of_their_own():
    source = '{"Statement": [{"Sid": "A"}, {"Sid": "A"}]}'
    assert places(source) == [(1, 16, 1, 27), (1, 30, 1, 41)]


def test_brackets_and_quotes_within_strings_are_text():
    statement = {"Sid": 'a"}]{', "Resource": ["\\", "]}", ","]}
    assert cut(json.dumps({"Id": '"Statement": [', "Statement": [statement]})) == [json.dumps(statement)]


def test_the_key_may_be_escaped():
    assert cut('{"St\\u0061tement": [{"a": 1}]}') == ['{"a": 1}']


def test_a_statement_key_or_value_elsewhere_is_not_it():
    source = '{"Id": "Statement", "Other": {"Statement": [{"no": 1}]}, "Statement": [{"yes": 1}]}'
    assert cut(source) == ['{"yes": 1}']


def test_what_is_no_object_counts_too_so_that_the_numbers_agree():
    assert cut('{"Statement": [1, "x", [2, 3], {"a": 1} , null]}') == [
        *("1", '"x"', "[2, 3]", '{"a": 1}', "null"),
    ]


def test_columns_count_characters_not_bytes():
    assert places('{"Id": "é𝄞", "Statement": [{}]}') == [(1, 28, 1, 29)]


def simulated(source):
    return [
        (span.start.line, span.start.column, span.end.line, span.end.column)
        for span in simulator_spans(source)
    ]


def test_the_simulator_has_none_where_there_is_none():
    assert simulator_spans("{}") == simulator_spans('{"Statement": []}') == ()


def test_the_simulator_counts_behind_the_character_that_was_read():
    """The two examples of the AWS CLI's reference."""
    alone = (
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*",'
        '"Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}'
    )
    assert simulated(alone) == [(1, 38, 1, 167)]
    statement = {"Sid": "V", "Effect": "Allow", "Action": "codecommit:ListRepositories", "Resource": "*"}
    listed = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=4)
    assert simulated(listed) == [(3, 19, 9, 10)]


def test_a_long_text_of_quotes_and_backslashes_is_read_to_its_end():
    assert statement_spans('{"Statement": ["' + "\\" * 100_001) == ()
    assert statement_spans('{"' * 50_000) == ()
