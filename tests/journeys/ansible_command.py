"""Where Ansible is: on PATH, or where `ANSIBLE_PLAYBOOK` says. Nothing is downloaded."""

from __future__ import annotations

import os
import shutil

COMMAND = os.environ.get("ANSIBLE_PLAYBOOK") or shutil.which("ansible-playbook")
