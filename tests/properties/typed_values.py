"""One condition on one key, with values in the forms of the types that operators compare: numbers, moments,
addresses, base64, ARNs, and what nearly is one."""

from __future__ import annotations

from hypothesis import strategies as st

from rolekeeper.policy.context import IamUser, RequestContext
from rolekeeper.policy.decision import PolicyLayers
from rolekeeper.policy.document import OPERATORS, parse_document
from tests.properties.dice import Dice, rolled
from tests.properties.policies import CONDITION_VALUES, QUALIFIERS, USER, Case

FORMS = [
    *(
        "#",
        "##",
        "-#",
        "+#.#",
        ".#",
        "#.",
        "##.0",
        "#e#",
        "#E+##",
        "#e-###",
        "#e####",
        "0#",
        "#_#",
        " #",
        "##\n",
    ),
    *("20##", "20##-0#", "20##-0#-1#", "20##-1#-3#", "20##-0#-0#T1#:##", "20##-0#-0#T2#:##:##Z"),
    *(
        "20##-0#-0#T0#:##:##.###Z",
        "20##-0#-0#T0#:##:##+0#:##",
        "20##-0#-0#T0#:##:##-##00",
        "20##-0#-0#t0#:##z",
    ),
    *("20##-0#-0#T1#", "20##-0#-0#T1#:##:##+2#", "##-0#-0#", "20##-0#-0# 1#:##", "0000-00-00", "-20##-0#-0#"),
    *("1#########", "1#########.###", "-1##", "1###############", "9################"),
    *(
        "#.#.#.#",
        "1#.#.#.##/#",
        "1##.1##.#.#/2#",
        "#.#.#.#/33",
        "#.#.#",
        "#.#.#.#.#",
        "0##.#.#.#",
        "#.#.#.#/-1",
    ),
    *("::", "::#", "#::#", "####::/##", "#:#:#:#:#:#:#:#", "::ffff:#.#.#.#", "::#%1", "::/1##", "fe80::#/0"),
    *("true", "FALSE", "tRue", "1", "", "YQ==", "YQ", "=", "YWI=", "Y Q==", "Y#==", "####", "####="),
    *(
        "arn:aws:s3:::b",
        "*:*:*:*:*:*",
        "arn:*:*",
        "a:b:c:d:e:f",
        "arn:aws:s3:::#",
        "arn:aws:s3:::b:#",
        "arn::::",
    ),
    *("${aws:username}", "${a:b}", "arn:aws:s3:::${a:b}", "${a:b, '#'}", "*#", "?"),
]
DIGITS = "0123456789"
ODD_DIGITS = "01239٠²Ⅷ"


def _typed(dice: Dice) -> str:
    """A form with its places filled, now and then by a digit that is none in ASCII."""
    digits = ODD_DIGITS if dice.chance(5) else DIGITS
    return "".join(dice.pick(digits) if letter == "#" else letter for letter in dice.pick(FORMS))


def _case(dice: Dice) -> Case:
    """A request with one key, and a policy with one condition on it."""
    base = dice.pick(OPERATORS)
    operator = dice.pick(QUALIFIERS) + base + ("IfExists" if base != "Null" and dice.chance(33) else "")
    given: str | tuple[str, ...] = _typed(dice)
    if dice.chance(30):
        given = tuple(dice.several(lambda: _typed(dice), 0, 2))

    def wanted() -> object:
        same = given if isinstance(given, str) else dice.pick([*given, ""])
        return dice.pick([_typed(dice), same, dice.pick(CONDITION_VALUES)])

    values = dice.several(wanted, 0, 3) if dice.chance(40) else wanted()
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator: {"a:b": values}}}
    policy = parse_document({"Version": "2012-10-17", "Statement": statement})
    request = RequestContext(principal=IamUser(arn=USER), action="a:B", resource="*", keys={"a:b": given})
    return request, PolicyLayers(identity=(policy,))


def typed_requests() -> st.SearchStrategy[Case]:
    """Requests with one key, and a policy with one condition on it."""
    return rolled(_case, 120)
