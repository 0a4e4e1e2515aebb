"""What the engine costs besides deciding: compiling a document, keeping it, importing the library."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import tracemalloc
from resource import RUSAGE_CHILDREN, getrusage

from policy_timing import best_of
from policy_workloads import Json, large
from rolekeeper.policy.compile import compile_document
from rolekeeper.policy.document import parse_document

ROUNDS = 40
COMPILE_GOAL, IMPORT_GOAL = 1.0, 100


def compiling() -> Json:
    """Milliseconds to parse and to compile one document of fifty statements, and to find an action in it."""
    texts = iter(_texts(2 * ROUNDS))
    parse = best_of(lambda: parse_document(next(texts)), ROUNDS)
    documents = [parse_document(text) for text in texts]
    fresh = iter(documents)
    compile_ = best_of(lambda: compile_document(next(fresh), "identity"), ROUNDS)
    compiled = iter([compile_document(document, "identity") for document in documents])
    select = best_of(lambda: next(compiled).select("s3:getobject"), ROUNDS)
    return {
        "parse ms": round(parse * 1e3, 3),
        "compile ms": round(compile_ * 1e3, 3),
        "first look for an action ms": round(select * 1e3, 3),
        "goal ms": COMPILE_GOAL,
        "reached": (compile_ + select) * 1e3 < COMPILE_GOAL,
    }


def memory() -> Json:
    """Bytes that one statement takes: parsed, compiled, and with the index of one action."""
    texts = _texts(50)
    tracemalloc.start()
    documents = [parse_document(text) for text in texts]
    parsed = _taken()
    compiled = [compile_document(document, "session") for document in documents]
    ready = _taken()
    for each in compiled:
        each.select("s3:getobject")
    indexed = _taken()
    tracemalloc.stop()
    count = sum(len(document.statements) for document in documents)
    return {
        "parsed bytes per statement": round(parsed / count),
        "compiled bytes per statement": round((ready - parsed) / count),
        "index bytes per statement and action": round((indexed - ready) / count),
    }


def importing() -> Json:
    """Milliseconds that a new process takes for `from rolekeeper import authorize`, beside an empty one.

    With bytecode of its own, as an installed library has it.
    """
    programs = {"empty": "pass", "library": "from rolekeeper import authorize"}
    found = dict.fromkeys(programs, float("inf"))
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}
        for _ in range(25):
            for name, program in programs.items():
                before = _of_children()
                subprocess.run([sys.executable, "-c", program], check=True, env=environment)
                found[name] = min(found[name], _of_children() - before)
    alone = (found["library"] - found["empty"]) * 1e3
    return {
        "empty interpreter ms": round(found["empty"] * 1e3, 1),
        "with the library ms": round(found["library"] * 1e3, 1),
        "import ms": round(alone, 1),
        "goal ms": IMPORT_GOAL,
        "reached": found["library"] * 1e3 < IMPORT_GOAL,
    }


def _of_children() -> float:
    """Seconds that all processes have taken that were started from here and have ended."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _taken() -> int:
    return tracemalloc.get_traced_memory()[0]


def _texts(count: int) -> list[str]:
    """So many documents of fifty statements, all different."""
    policies = large().policies["identity"]
    return [
        json.dumps(policies[number % 20]).replace(f":p{number % 20}-", f":n{number}-")
        for number in range(count)
    ]
