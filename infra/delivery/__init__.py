"""Brings one function at a time to a stage, and back. What is deployed is known by its hash, which Lambda itself keeps."""


class Refused(Exception):
    """Why nothing could be done, in a sentence."""
