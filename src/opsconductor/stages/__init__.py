"""The five stages of a turn: A classify, B select, C plan, D answer, E execute. In time: A B C E D."""
