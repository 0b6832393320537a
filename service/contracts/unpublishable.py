"""Why something cannot be published; each says in Chinese what is wrong and what to do.

Unpublishable
├── CodeTaken                two refusals would be told apart by nothing
├── WordMissing              something has no Chinese word
├── SampleMissing            a field has no invented value
└── PublishedVersionChanged  an event version that others rely on would change
"""


class Unpublishable(ValueError):
    """The code cannot be written down as a contract."""


class CodeTaken(Unpublishable):
    """Two refusals have the same code."""


class WordMissing(Unpublishable):
    """Something the contracts name has no Chinese word."""


class SampleMissing(Unpublishable):
    """A field has no invented value for the sample."""


class PublishedVersionChanged(Unpublishable):
    """A published event version would change."""
