"""A Slack on this machine: what the demo and the tests speak to instead of slack.com."""
