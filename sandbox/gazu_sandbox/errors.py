"""The one error of the sandbox."""


class SandboxError(Exception):
    """Something that the user has to read: what failed, and what to do about it."""
