"""Questions to the inventory: what was asked is applied, asked about or refused, and never dropped in silence."""

import pytest

from tests.scenario.conftest import Conversation

UNKNOWN_VALUES = [
    ("how many assets in site Nowhere", "I know no site Nowhere. Known sites: HQ, lab."),
    ("how many assets are there in Frankfurt", "I know no site Frankfurt. Known sites: HQ, lab."),
    ("count the servers at site Foobar", "I know no site Foobar. Known sites: HQ, lab."),
    ("how many hosts run nginx", "I know no service nginx. Known services: billing, ledger-db, storefront."),
    ("how many machines are owned by Initech", "I know no owner Initech. Known owners: Operations."),
    ("count servers in environment foo", "I know no environment foo. Known environments: production, staging."),
    ("how many printers do we have", "I know no type printers. Known types: linux servers, windows workstations."),
    ("how many nginx servers do we have", "I know no type nginx."),
    ("check that the servers in site Nowhere are reachable", "I know no site Nowhere. Known sites: HQ, lab."),
]

CONDITIONS = [
    *(
        "how many production assets are not windows",
        "show assets not in site HQ",
        "list everything except workstations",
    ),
    *(
        "how many assets without an owner",
        "list all servers other than web-01",
        "how many servers are older than db-01",
    ),
    *("how many non-windows assets do we have", "restart billing on all servers except app-01"),
]

LIVE = [
    "how many servers are down",
    "how many servers are offline",
    "how many servers are running",
    "how many hosts are up",
]

UNTOLD = [
    *("how many servers have 16 GB memory", "is app-01 patched", "uptime of app-01", "how many servers are unpatched"),
    *("what is the cpu load of app-01", "list servers older than 3 years", "list servers with more than 3 services"),
]

UNKNOWN_HOSTS = [
    ("list the assets app-01 and app-77", "app-77"),
    (f"are {', '.join(f'zz-{number:02d}' for number in range(1, 41))}, app-01 reachable", "zz-01"),
    ("list the hosts app-01 and zz-99", "zz-99"),
]

ANSWERS = [
    ("how many active assets are there", "You have 10 assets with status active"),
    ("how many hosts run billing", "You have 2 assets with service billing"),
    ("where is billing running", "You have 2 assets with service billing"),
    ("how many servers run Linux", "You have 4 Linux servers with platform linux"),
    ("how many assets in site HQ", "You have 6 assets with site HQ"),
    ("break the assets down by site", "You have 10 assets in the system"),
    ("tally up the servers for me", "You have 4 Linux servers"),
    ("I do not know how many assets we have, count them", "You have 10 assets in the system"),
    ("how many database servers do we have", "You have 1 Linux server with role database"),
]


async def test_a_value_nobody_knows_is_asked_about_with_those_that_exist(lab: Conversation) -> None:
    for place, (text, question) in enumerate(UNKNOWN_VALUES):
        reply = await lab.say(text, session=f"sess_value_{place}")
        assert reply.kind == "question", (text, reply.message)
        assert reply.message.startswith(question), (text, reply.message)
        assert reply.execution is None


async def test_the_answer_to_that_question_completes_the_request(lab: Conversation) -> None:
    await lab.say("how many assets in site Nowhere")
    reply = await lab.say("lab")
    assert reply.message.startswith("You have 4 assets with site lab")
    await lab.say("how many printers do we have", session="sess_kind")
    reply = await lab.say("linux servers", session="sess_kind")
    assert reply.message.startswith("You have 4 Linux servers")


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (CONDITIONS, "I cannot exclude or compare yet; ask without"),
        (LIVE, "The inventory does not know live state"),
        (UNTOLD, ""),
    ],
)
async def test_a_condition_that_no_tool_takes_is_refused(lab: Conversation, texts: list[str], said: str) -> None:
    for place, text in enumerate(texts):
        reply = await lab.say(text, session=f"sess_condition_{place}")
        assert reply.kind == "refused", (text, reply.message)
        assert said in reply.message, (text, reply.message)
        assert reply.execution is None
        assert reply.approval is None


async def test_whether_there_are_more_is_answered_by_the_count_and_said_to_be(lab: Conversation) -> None:
    reply = await lab.say("do we have more than 3 servers")
    assert reply.message.startswith("You have 4 Linux servers")
    assert any("“more than”" in words for words in reply.limitations), reply.limitations


async def test_an_unknown_host_among_known_ones_is_asked_about(lab: Conversation) -> None:
    for place, (text, name) in enumerate(UNKNOWN_HOSTS):
        reply = await lab.say(text, session=f"sess_host_{place}")
        assert reply.kind == "question", (text, reply.message)
        assert reply.message.startswith(f"I know no host {name}."), (text, reply.message)


async def test_an_address_is_no_filter(lab: Conversation) -> None:
    reply = await lab.say("list assets with the address 10.9.9.9")
    assert reply.kind == "refused", reply.message


async def test_what_the_inventory_knows_is_still_answered(lab: Conversation) -> None:
    for place, (text, answer) in enumerate(ANSWERS):
        reply = await lab.say(text, session=f"sess_answer_{place}")
        assert reply.message.startswith(answer), (text, reply.message)


@pytest.mark.parametrize("text", ["thanks", "thank you", "Thanks a lot!", "ok, thank you very much"])
async def test_thanks_are_answered_in_kind(plain: Conversation, text: str) -> None:
    reply = await plain.say(text)
    assert (reply.kind.value, reply.message) == ("answer", "You are welcome.")


async def test_a_greeting_is_not_asked_back(plain: Conversation) -> None:
    assert (await plain.say("hello")).kind == "answer"


async def test_braces_that_a_person_types_are_no_mask(lab: Conversation) -> None:
    await lab.say("is app-01 reachable")
    reply = await lab.say("{host}")
    assert reply.execution is None, reply.message
