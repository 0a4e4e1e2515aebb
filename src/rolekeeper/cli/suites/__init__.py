"""Unit tests of policies: files `*.rk.yaml` beside the policies that they are about.

In the order in which a file goes through them: `folders` finds it, `notation` reads its text to `nodes`,
`suite` makes `Case`s of its `rows` and its `matrix` with the `settings` and the policies (`policy_reader`, a
live one by `live_role`) that hold there, `verdict` decides them, and the reports say what came out.
"""
