"""Compare corridor scenarios: access, nature and the decision between them."""

__version__ = "0.1.0"
