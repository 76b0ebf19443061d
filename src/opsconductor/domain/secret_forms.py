"""Forms that give a secret away wherever it stands: tokens, keys, and what is written beside the word password."""

import re

_HINTS = (
    *("passw", "passphrase", "pwd", "secret", "token", "bearer", "cookie", "authorization", "credential"),
    *("apikey", "api_key", "api-key", "accesskey", "access_key", "access-key", "privatekey", "private_key"),
    *("private-key", "private key-----", "opsc_", "akia", "asia", "aida", "aroa", "eyj", "github_pat_", "glpat-"),
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "xoxa-", "xoxb-", "xoxp-", "xoxr-", "xoxs-", "sk_live_", "://"),
)
"""One of these stands, in small letters, in every text that holds a secret of these forms: quick to look for."""

_NAMES = r"(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|secret[_-]?key)"
_SECRET_NAME = re.compile(rf".*(?:{_NAMES}|authorization|cookie|credentials?)", re.I | re.S)
_BESIDE_ITS_NAME = re.compile(
    rf"(?P<name>{_NAMES}[\"']?[ \t]{{0,3}}[=:][ \t]{{0,3}})"
    r"(?P<value>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[^\s\"',;&]+)",
    re.I,
)
_HEADER = re.compile(r"(?P<name>(?:authorization|cookie)[\"']?[ \t]{0,3}[=:][ \t]{0,3})[^\r\n\"']+", re.I)
_BEARER = re.compile(r"(?<=bearer )[^\s\"',;]+", re.I)
_BY_ITSELF = re.compile(
    r"opsc_[A-Za-z0-9_-]{8,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"
    r"|\b(?:AKIA|ASIA|AIDA|AROA)[A-Z0-9]{16}\b"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"
    r"|\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk_live_)[A-Za-z0-9_-]{10,}"
    r"|(?<=://)[^\s/@:\"']{1,100}:[^\s/@\"']{1,200}(?=@)",
    re.S,
)


def may_hold_secrets(text: str) -> bool:
    """False only for a text that holds no secret of these forms."""
    small = text.lower()
    return any(hint in small for hint in _HINTS)


def without_secret_forms(text: str, mark: str) -> str:
    """`text` with `mark` in place of every secret that its form gives away; the names beside them stay."""
    if not may_hold_secrets(text):
        return text
    text = _BY_ITSELF.sub(mark, text)
    text = _HEADER.sub(lambda found: found["name"] + mark, text)
    text = _BEARER.sub(mark, text)
    return _BESIDE_ITS_NAME.sub(lambda found: found["name"] + _marked(found["value"], mark), text)


def names_a_secret(name: str) -> bool:
    """Whether a field of this name holds a secret: `db_password`, `apiKey`, but not `token_id`."""
    return _SECRET_NAME.fullmatch(name) is not None


def _marked(value: str, mark: str) -> str:
    """In quotes when the value was, so that what reads the text reads on behind it."""
    return f"{value[0]}{mark}{value[0]}" if value[0] in "\"'" else mark
