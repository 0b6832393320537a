"""区划代码: administrative division codes, 6 digits to the county, 12 to the community (R1)."""

import re

_COUNTY = re.compile(r"[1-9]\d{5}", re.ASCII)
_COMMUNITY = re.compile(r"[1-9]\d{11}", re.ASCII)


def valid_county_code(code: str) -> bool:
    """Whether it is a code to the county (GB/T 2260)."""
    return bool(_COUNTY.fullmatch(code))


def valid_community_code(code: str) -> bool:
    """Whether it is a statistical code down to the community, which has a part of its own."""
    return bool(_COMMUNITY.fullmatch(code)) and code[9:] != "000"


def valid_area_code(code: str) -> bool:
    """Whether it is a code of either length; 12 digits may also name a street or a county."""
    return bool(_COUNTY.fullmatch(code) or _COMMUNITY.fullmatch(code))
