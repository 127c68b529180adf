"""Channels and their SKUs."""

from server.sandbox.resources.channels import channels

GROUPS = (channels.routes,)
