"""Slack: the conversation in the thread. The only room that knows slack_bolt and slack_sdk."""
