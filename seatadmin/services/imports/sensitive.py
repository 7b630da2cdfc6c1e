"""Columns that rosters of other systems have and freeing a seat does not need: never kept."""

import re

from seatadmin.services.imports import columns
from seatadmin.text import fold

_SENSITIVE = re.compile(
    r"""\b(ssn | sin | itin | dob | age | sex | race | phone | mobile | cell | fax | zip | city
          | county | street | iban | income | pension | language | nationality | photo)\b
      | social[ ]?security | tax[ ]?id | birth | address | postal | telephone | passport | licen
      | gender | pronoun | orientation | ethnic | hispanic | latino | veteran | military | disab
      | marital | citizen | immigra | religio | criminal | convict | medical | education
      | bank | routing | account[ ]?n | salary | wage""",
    re.VERBOSE,
)


def is_sensitive(header: str) -> bool:
    """Whether a column's name says that it holds what must not be kept."""
    if columns.named(header):
        return False
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    return bool(_SENSITIVE.search(" ".join(re.findall(r"[^\W\d_]+", fold(spaced)))))
