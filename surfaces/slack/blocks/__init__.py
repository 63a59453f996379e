"""Builders of Block Kit: pure functions from a diagnosis, or a step of it, to messages.

What comes from a cluster, a log or a person is only ever a literal element of rich text or ``plain_text``:
Slack reads no mark-up there, so nothing in it can mention, link or format.
"""
