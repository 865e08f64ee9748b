"""What leaves for an audience beside what is withheld, row by row and column by column, with the rule that withholds.

For the mission alone: a preview holds everything that does not leave.
"""

from trucewatch.publishing.preview.comparing import Compared, compared
from trucewatch.publishing.preview.page import Preview, render

__all__ = ["Compared", "Preview", "compared", "render"]
