"""Words of the reasons of findings: LANG/LC_MESSAGES/judging.po."""

from trucewatch.model.messages import Shelf

SHELF = Shelf(__name__, "judging")
