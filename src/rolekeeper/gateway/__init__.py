"""The gateway: every other service of AWS, decided here and answered by what stands behind.

`proxy` shows the whole way of a request; `classify` says what it asks for, by AWS's reference and the
exceptions in `services`; `deciding` puts that to the policies; `backends` and `forwarding` are what stands
behind and the way there.
"""
