"""What a shell is started with."""

from __future__ import annotations

import stat

from rolekeeper.cli.launch.shells import started

TOLD = {"AWS_REGION": "us-east-1", "HOME": "/home/ana"}


def prepared(shell, folder, **environment):
    start = started(shell, folder, "reader", {"HOME": str(folder)} | environment)
    start.prepare(TOLD)
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    return start, file, file.read_text()


def test_bash_reads_a_file_in_place_of_its_own(tmp_path):
    start, file, text = prepared("/bin/bash", tmp_path)
    assert start.command == ["/bin/bash", "--rcfile", str(file), "-i"]
    assert text.startswith(f"if [ -f {tmp_path}/.bashrc ]; then . {tmp_path}/.bashrc; fi\n")
    assert "export AWS_REGION=us-east-1\n" in text
    assert "HOME=" not in text


def test_zsh_looks_into_our_folder(tmp_path):
    start, file, text = prepared("/usr/bin/zsh", tmp_path, ZDOTDIR="/etc/mine")
    assert (start.command, start.variables) == (["/usr/bin/zsh", "-i"], {"ZDOTDIR": str(tmp_path)})
    assert file.name == ".zshrc"
    assert ". /etc/mine/.zshenv" in text and ". /etc/mine/.zshrc" in text


def test_fish_is_told_a_command(tmp_path):
    start, file, text = prepared("fish", tmp_path)
    assert start.command == ["fish", "-i", "--init-command", f"source {file}"]
    assert "set -gx AWS_REGION 'us-east-1'" in text
    assert "echo -n '(reader) '" in text


def test_another_shell_reads_env(tmp_path):
    start, file, text = prepared("/bin/ksh", tmp_path, ENV="/home/ana/.kshrc")
    assert (start.command, start.variables) == (["/bin/ksh", "-i"], {"ENV": str(file)})
    assert ". /home/ana/.kshrc" in text
