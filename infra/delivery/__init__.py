"""Deploys functions to a stage one by one, and brings them back. A hash that Lambda keeps identifies the deployed code."""


class Refused(Exception):
    """The reason why nothing was done, in a sentence."""
