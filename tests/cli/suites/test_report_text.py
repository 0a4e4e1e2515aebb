from __future__ import annotations

from rolekeeper.cli.suites.report_text import details, show, summary


def test_failures_are_told_with_their_places(everything, capsys):
    show(everything)
    printed = capsys.readouterr()
    blocks = printed.out.split("FAILED  ")
    assert len(blocks) == 5
    assert blocks[2] == (
        "a b/å.rk.yaml:8:5: nearest\n"
        "  principal arn:aws:iam::123456789012:user/ana\n"
        "  action    s3:PutObject\n"
        "  resource  arn:aws:s3:::b/k\n"
        "  expected  allow\n"
        "  came      implicit_deny by identity\n"
        "  why       nothing in the identity-based policies allows it\n"
        "  nearest   reader.json:4:5  identity[0].Statement[0] (Reads)\n"
        "            Action: request asks for 's3:PutObject', statement has 's3:Get*'\n"
    )
    assert blocks[4].endswith("1 passed, 4 failed, 2 not tested in 3 files\n")
    assert printed.err.splitlines() == [
        "rolekeeper: wrong.rk.yaml:1:8: `tests` must be a list, each item behind a dash, not a text",
        "rolekeeper: absent.rk.yaml: nobody knows the role app",
    ]


def test_a_name_cannot_steer_the_terminal(everything, capsys):
    show(everything)
    assert "\x1b" not in capsys.readouterr().out


def test_what_passes_is_counted(fine, capsys):
    show(fine)
    assert capsys.readouterr().out == "1 passed in 1 file\n"
    assert summary(fine) == "1 passed in 1 file"


def test_details_name_the_deciding_statement(everything):
    assert details(everything.verdicts[1])[-1] == (
        "decided",
        "reader.json:4:5  identity[0].Statement[0] (Reads)",
    )
