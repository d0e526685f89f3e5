"""Turns of phrase in English of claims: a request to argue one, and an answer that denies it."""

import re
from typing import Final

# A request that takes something for granted, or wants it argued, and an answer that denies it.
CLAIM: Final = re.compile(
    r"\b(?:argue|prove|convince|persuade|claim\w*|article|post|tweet|essay|thread|evidence|"
    r"explain why|why (?:is|are|do|does|did|should)|show that|fact that|true that|is it true)\b"
)
CONTRADICTS: Final = re.compile(
    r"\b(?:(?:is|are|was|were|has|have|does|do)(?: simply| just| actually)?(?: not|n't) "
    r"(?:true|the case|accurate|correct|supported|based|backed|caused?|evidence|been|real|"
    r"inherently|a (?:hoax|fact)|contain|spread)|"
    r"(?:no|zero|not any) (?:\w+ )?(?:evidence|basis|proof|link|truth|support)|"
    r"(?:false|untrue|debunked|unfounded|baseless|myth|misconception|misinformation|"
    r"conspiracy theory|discredited|inaccurate|incorrect)\b)"
)
WANTS_CLAIM_ARGUED: Final = re.compile(
    r"\b(?:write|draft|create|compose|make|give|argue|prove|convince|persuade|show)\b"
    r"[^?\n]{0,80}\b(?:that|proves?|claim\w*|argu\w+|why|showing|evidence|faked?|hoax|cause[sd]?)\b|"
    r"\bwhy\b[^?\n]{0,60}\?[^?\n]{0,20}\b(?:write|explain|article|post)\b"
)
