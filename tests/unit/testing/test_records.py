"""A record and its reply belong to the same turn."""

from opsconductor.testing.records import a_record


def test_record_and_reply_are_of_one_turn() -> None:
    record = a_record("hello")
    assert (record.turn_id, record.session_id) == (record.reply.turn_id, record.reply.session_id)
    assert record.message == "hello"
