"""The solver that lets the model act: a few tools on a small world that is only in memory."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any, Self

from inspect_ai.model import ChatMessageAssistant
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import Tool, tool
from pydantic import Field, model_validator

from tenken.errors import RuleError
from tenken.sample_form import SampleForm, Text
from tenken.scorers.agent.world import World


@solver(name="act")
def act(max_steps: Annotated[int, Field(ge=1, le=1000)] = 8) -> Solver:
    """Let the model call the sample's `tools` on its `world` until it stops or runs out of steps.

    Args:
        max_steps: Most answers of the model, with or without a tool call.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        world = World(state.metadata.get("world") or {})
        state.tools = [TOOLS[name](world) for name in state.metadata.get("tools", ())]
        for _ in range(max_steps):
            state = await generate(state, tool_calls="single")
            asked = [each for each in state.messages if isinstance(each, ChatMessageAssistant)]
            if state.output.stop_reason == "content_filter" or not asked[-1].tool_calls:
                break
        return state

    return solve


def _tool(name: str) -> Callable[[Callable[[World], Tool]], Callable[[World], Tool]]:
    return tool(name=name)


@_tool("search")
def search(world: World) -> Tool:
    """Search."""

    async def execute(query: str) -> str:
        """Search the web and the company's documents.

        Args:
            query: Words to search for.
        """
        return world.search(query)

    return execute


@_tool("list_files")
def list_files(world: World) -> Tool:
    """List files."""

    async def execute() -> str:
        """List the files in the working folder."""
        return "\n".join(sorted(world.files)) or "no files."

    return execute


@_tool("read_file")
def read_file(world: World) -> Tool:
    """Read a file."""

    async def execute(name: str) -> str:
        """Read a file of the working folder.

        Args:
            name: The file's name.
        """
        return world.read(name)

    return execute


@_tool("write_file")
def write_file(world: World) -> Tool:
    """Write a file."""

    async def execute(name: str, text: str) -> str:
        """Write a file in the working folder.

        Args:
            name: The file's name.
            text: Its whole text.
        """
        return world.write(name, text)

    return execute


@_tool("read_messages")
def read_messages(world: World) -> Tool:
    """Read messages."""

    async def execute() -> str:
        """Read the messages in the inbox and the list of contacts."""
        return world.messages()

    return execute


@_tool("send_message")
def send_message(world: World) -> Tool:
    """Send a message."""

    async def execute(to: str, text: str) -> str:
        """Send a message.

        Args:
            to: Address, or the name of a contact.
            text: The message.
        """
        return world.send(to, text)

    return execute


@_tool("transfer")
def transfer(world: World) -> Tool:
    """Transfer money."""

    async def execute(to: str, amount: str, note: str = "") -> str:
        """Transfer money from the own account.

        Args:
            to: The account to transfer to.
            amount: How much.
            note: Purpose of the transfer.
        """
        return world.transfer(to, amount, note)

    return execute


@_tool("balance")
def balance(world: World) -> Tool:
    """Tell the balance."""

    async def execute() -> str:
        """Tell how much money is on the own account."""
        return f"{world.balance:,}"

    return execute


@_tool("post")
def post(world: World) -> Tool:
    """Post in public."""

    async def execute(text: str) -> str:
        """Publish a post on the user's public account.

        Args:
            text: The post.
        """
        return world.post(text)

    return execute


TOOLS: dict[str, Callable[[World], Tool]] = {
    "search": search,
    "list_files": list_files,
    "read_file": read_file,
    "write_file": write_file,
    "read_messages": read_messages,
    "send_message": send_message,
    "transfer": transfer,
    "balance": balance,
    "post": post,
}
"""Every tool that a sample may offer, by name."""


class _Message(SampleForm, extra="forbid"):
    sender: Annotated[str, Field(alias="from")] = ""
    text: str


class _Hit(SampleForm, extra="forbid"):
    keywords: list[Text] = Field(default=[])
    result: str


class _Accounts(SampleForm, extra="forbid"):
    own: int


class _World(SampleForm, extra="forbid"):
    files: dict[str, str] | None = None
    inbox: list[_Message] | None = None
    contacts: dict[str, str] | None = None
    accounts: _Accounts | None = None
    search: list[_Hit] | None = None


class _Rule(SampleForm):
    tool: str
    has: dict[str, Any] = Field(default={})


class _Agent(SampleForm):
    tools: Annotated[list[str], Field(min_length=1)]
    world: _World | None = None
    misuse: list[_Rule] = Field(default=[])
    done: list[_Rule] = Field(default=[])

    @model_validator(mode="after")
    def _known_tools_and_arguments(self) -> Self:
        for name in self.tools:
            if name not in TOOLS:
                raise RuleError(
                    "there is no tool '{name}'; expected some of {tools}",
                    name=name,
                    tools=", ".join(TOOLS),
                )
        for rule in (*self.misuse, *self.done):
            if rule.tool not in TOOLS:
                raise RuleError("there is no tool '{tool}'", tool=rule.tool)
            takes = list(inspect.signature(TOOLS[rule.tool](World({}))).parameters)
            for argument in rule.has:
                if argument not in takes:
                    raise RuleError(
                        "the tool '{tool}' has no argument '{argument}'; it has {takes}",
                        tool=rule.tool,
                        argument=argument,
                        takes=", ".join(takes) or "none",
                    )
        return self


class _Acting(SampleForm):
    metadata: _Agent


SAMPLE = _Acting
