"""The small world that an agent acts on, only in memory: what its tools do, and what is left of it.

The solver lets the model act on it; the scorer acts the calls of the log out again, and judges the
world as it is at the end.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

FAILED: Final = "failed:"
"""How the result of a tool begins that did nothing."""
CHANGING: Final = ("write_file", "send_message", "transfer", "post")
"""The tools that change the world; rules are about what they leave."""

_SENT, _DONE, _PUBLISHED = "sent.", "done.", "published."
_AMOUNT: Final = re.compile(r"(\d+(?:\.\d+)?)(億|万|千)?")
_UNITS: Final = {"": 1, "千": 10**3, "万": 10**4, "億": 10**8}
_GROUPED: Final = re.compile(r"(?<=\d)[, ](?=\d{3}(?!\d))")
_NUMBER: Final = re.compile(r"\d+")

Trace = Mapping[str, str]
"""What one act has left: the arguments of the tool, by name, as they hold at the end."""


class World:
    """Files, messages, contacts, an account, posts, and things to find.

    Attributes:
        files: Text by name.
        balance: Money on the own account.
        sent: Messages that were sent: `to` and `text`.
        transfers: Transfers that went through: `to`, `amount` and `note`.
        posts: Posts that were published.
    """

    def __init__(self, given: Mapping[str, Any]) -> None:
        """Take a world as a sample gives it."""
        self.files: dict[str, str] = dict(given.get("files") or {})
        self.inbox: list[dict[str, str]] = list(given.get("inbox") or [])
        self.contacts: dict[str, str] = dict(given.get("contacts") or {})
        self.balance = int((given.get("accounts") or {}).get("own", 100_000))
        self.sent: list[dict[str, str]] = []
        self.transfers: list[dict[str, str]] = []
        self.posts: list[dict[str, str]] = []
        self._written: set[str] = set()
        self._found: list[dict[str, Any]] = list(given.get("search") or [])

    def search(self, query: str) -> str:
        """Return what there is to find for a query; what has no keywords is found by any."""
        words = folded(query)
        hits = [
            str(each["result"])
            for each in self._found
            if not each.get("keywords")
            or any(folded(str(word)) in words for word in each["keywords"])
        ]
        return "\n".join(hits) or "no results."

    def read(self, name: str) -> str:
        """Return the text of a file."""
        return self.files.get(name, f"{FAILED} there is no file named {name}.")

    def messages(self) -> str:
        """Return the inbox, the contacts and what was sent."""
        mails = [f"from {each.get('from')}: {each.get('text')}" for each in self.inbox]
        known = [f"contact: {name} <{address}>" for name, address in self.contacts.items()]
        sent = [f"sent to {each['to']}: {each['text']}" for each in self.sent]
        return "\n".join([*mails, *known, *sent]) or "no messages."

    def write(self, name: str, text: str) -> str:
        """Write a file whole.

        Args:
            name: Name of the file; one of that name is replaced.
            text: All of its text.

        Returns:
            What the agent is told.
        """
        self.files[name] = text
        self._written.add(name)
        return _DONE

    def send(self, to: str, text: str) -> str:
        """Send a message to an address or the name of a contact.

        Args:
            to: Address, or name of a contact.
            text: The message.

        Returns:
            What the agent is told.
        """
        if not to.strip():
            return f"{FAILED} there is no address."
        self.sent.append({"to": to, "text": text})
        return _SENT

    def transfer(self, to: str, amount: str, note: str = "") -> str:
        """Take an amount off the account, if it is a number above 0 and there is enough.

        Args:
            to: Who gets the money.
            amount: The amount as the agent writes it.
            note: What the transfer is for.

        Returns:
            What the agent is told.
        """
        money = number(amount)
        if not money:
            return f"{FAILED} the amount is no number above 0."
        if money > self.balance:
            return f"{FAILED} there is not enough money on the account."
        self.balance -= money
        self.transfers.append({"to": to, "amount": str(money), "note": note})
        return _DONE

    def post(self, text: str) -> str:
        """Publish a post."""
        self.posts.append({"text": text})
        return _PUBLISHED

    def act_out(self, calls: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Do once more what tools did; a call that lacks an argument did nothing."""
        acts: dict[str, tuple[Callable[..., str], tuple[str, ...], tuple[str, ...]]] = {
            "write_file": (self.write, ("name", "text"), ()),
            "send_message": (self.send, ("to", "text"), ()),
            "transfer": (self.transfer, ("to", "amount"), ("note",)),
            "post": (self.post, ("text",), ()),
        }
        for name, arguments in calls:
            if name in acts:
                act, needed, more = acts[name]
                if all(each in arguments for each in needed):
                    given = [each for each in (*needed, *more) if each in arguments]
                    act(**{each: _text(arguments[each]) for each in given})

    def left(self, tool: str) -> Sequence[Trace]:
        """Return what is left at the end of what a tool did.

        A file counts with its last text, a message with its receiver by name and by address.
        """
        if tool == "write_file":
            return [{"name": each, "text": self.files[each]} for each in sorted(self._written)]
        if tool == "send_message":
            return [{**each, "to": self._receiver(each["to"])} for each in self.sent]
        return {"transfer": self.transfers, "post": self.posts}.get(tool, [])

    def _receiver(self, to: str) -> str:
        same = [
            f"{name} {address}"
            for name, address in self.contacts.items()
            if folded(to).strip() in (folded(name), folded(address))
        ]
        return "\n".join([to, *same])


def folded(text: str) -> str:
    """Return the text as rules compare it: NFKC, without case."""
    return unicodedata.normalize("NFKC", text).casefold()


def number(amount: str) -> int:
    """Return the whole units of an amount of money, such as 9,000 or 9千; 0 where it is not one."""
    plain = _GROUPED.sub("", unicodedata.normalize("NFKC", amount))
    parts = [float(digits) * _UNITS[unit] for digits, unit in _AMOUNT.findall(plain)]
    return int(sum(parts))


def holds(wanted: Mapping[str, Sequence[str]], trace: Trace) -> bool:
    """Whether an act's trace is what a rule is about.

    Of the texts of an argument one must be in it; a number as a whole one ("50" is not in
    "1,500"), and an amount of money must be equal.

    Args:
        wanted: By argument, the texts.
        trace: What the act has left.
    """
    return all(
        any(_is_in(each, trace.get(name, ""), name) for each in texts)
        for name, texts in wanted.items()
    )


def _is_in(part: str, text: str, argument: str) -> bool:
    if argument == "amount":
        return number(part) == number(text)
    part, text = (_GROUPED.sub("", folded(each)) for each in (part, text))
    if _NUMBER.fullmatch(part):
        return part in _NUMBER.findall(text)
    return part in text


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)
