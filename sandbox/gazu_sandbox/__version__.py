"""The version of the distribution: that of the gazu it is released with."""

__version__ = "2.0.0.dev0"
