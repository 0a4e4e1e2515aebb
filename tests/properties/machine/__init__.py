"""The parts of the state machine of `test_iam_machine`: what may be done, with what is expected of it."""
