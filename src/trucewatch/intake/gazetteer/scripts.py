"""Names of one script read in another: Cyrillic, Armenian and Georgian letters as Latin ones, for a second try.

Each letter has the reading that maps and agencies print most often; vowels and signs that come out differently from
place to place are not told apart. A name found so is found in spite of its spelling, never instead of an exact match.
"""

from __future__ import annotations

import unicodedata

_CYRILLIC = (
    "а a б b в v г g ґ g д d е e є ie ж zh з z и i і i ї i й i к k л l м m н n о o п p р r с s т t у u ф f х kh ц ts "
    "ч ch ш sh щ shch ъ - ы y ь - э e ю iu я ia ј j љ lj њ nj ћ c ђ dj џ dz ә e ө o ү u һ h ҹ j ғ gh қ k ң n"
)
_ARMENIAN = (
    "ա a բ b գ g դ d ե e զ z է e ը y թ t ժ zh ի i լ l խ kh ծ ts կ k հ h ձ dz ղ gh ճ ch մ m յ y ն n շ sh ո o չ ch պ p "
    "ջ j ռ r ս s վ v տ t ր r ց ts ւ v փ p ք k օ o ֆ f և ev"
)
_GEORGIAN = (
    "ა a ბ b გ g დ d ე e ვ v ზ z თ t ი i კ k ლ l მ m ნ n ო o პ p ჟ zh რ r ს s ტ t უ u ფ p ქ k ღ gh ყ q შ sh ჩ ch ც ts "
    "ძ dz წ ts ჭ ch ხ kh ჯ j ჰ h"
)


def _table(*alphabets: str) -> dict[int, str]:
    out: dict[int, str] = {}
    for alphabet in alphabets:
        words = alphabet.split()
        out.update({ord(a): b.replace("-", "") for a, b in zip(words[::2], words[1::2], strict=True)})
    return out


_LETTERS = _table(_CYRILLIC, _ARMENIAN, _GEORGIAN)


def latin(folded: str) -> str:
    """A folded name in Latin letters; letters of other scripts stay as they are."""
    if folded.isascii():
        return folded
    text = unicodedata.normalize("NFKD", folded.replace("ու", "u").translate(_LETTERS))
    return "".join(c for c in text if not unicodedata.combining(c))
