"""The worst model there is: it says whatever text inside the facts tells it to say."""

import re

from opsconductor.ports.llm import WordingRequest

_ORDER = re.compile(r"(?:say|answer|reply|tell them)[:,]?\s+[\"“']?([^\"”'\n]+)", re.IGNORECASE)


class ObedientWordingDouble:
    """Finds an order in the facts and obeys it; without one it words the facts faithfully."""

    def __init__(self) -> None:
        self.requests: list[WordingRequest] = []

    async def word(self, request: WordingRequest) -> str:
        """See the port."""
        self.requests.append(request)
        ordered = [found.group(1).strip() for found in map(_ORDER.search, request.facts) if found]
        return "\n".join(ordered or [*request.facts, *request.must_include])
