"""The one table of error codes: HTTP status, exit code and the next thing to try. Codes are never reused."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ErrorCode:
    """What a code means at each door."""

    status: int  # HTTP status of the problem document
    exit: int  # exit code of the command line (design §4)
    next_step: str  # what the reader should try next, one sentence


def _code(status: int, exit_code: int, next_step: str) -> ErrorCode:
    return ErrorCode(status=status, exit=exit_code, next_step=next_step)


CODES: Mapping[str, ErrorCode] = {
    # request: what a person or client sent
    "request.empty": _code(422, 2, "Write a question or an order, for example: How many assets do we have?"),
    "request.too_large": _code(413, 2, "Send at most 16 KiB of text."),
    "request.bad_text": _code(422, 2, "Remove the control or invisible characters and send it again."),
    "request.bad_json": _code(400, 2, "Send valid JSON without duplicate keys or NaN."),
    "request.invalid": _code(422, 2, "Correct the named field and send it again."),
    "request.media_type": _code(415, 2, "Send Content-Type: application/json."),
    "request.host": _code(421, 2, "Call the server by the address it printed."),
    "request.origin": _code(403, 2, "Call from the page this server serves."),
    "request.idempotency_reused": _code(409, 2, "Use a new Idempotency-Key for a different request."),
    "request.in_progress": _code(409, 1, "Wait for the first request to finish, then send the same again."),
    "request.not_found": _code(404, 2, "Look at /openapi.json for the paths that exist."),
    "request.method": _code(405, 2, "Look at /openapi.json for the methods of this path."),
    # identity and rights
    "identity.required": _code(401, 6, "Sign in with the printed link or send a bearer token."),
    "identity.bad_token": _code(401, 6, "Create a new token with: opsconductor tokens create."),
    "identity.unknown": _code(403, 6, "Ask an administrator to create this identity."),
    "rights.denied": _code(403, 6, "Ask a person who holds the named role."),
    # turns and sessions
    "session.busy": _code(409, 1, "Wait for the running message of this session to finish, then send again."),
    "session.not_found": _code(404, 2, "Leave out the session to start a new one."),
    "turn.not_found": _code(404, 2, "List turns with: opsconductor turns list."),
    # scope: understood, and nothing here does it
    "scope.out_of_scope": _code(422, 6, "Ask what I can do: opsconductor ask help."),
    "scope.not_understood": _code(422, 6, "Say it in other words, or ask what I can do: opsconductor ask help."),
    "scope.no_tool": _code(422, 6, "List what can be done with: opsconductor tools list."),
    # plan, gate and approvals
    "gate.second_person": _code(403, 6, "Ask an administrator for approvers: opsconductor identities create."),
    "gate.background_unavailable": _code(403, 6, "Name fewer targets, so that the run stays below 30 seconds."),
    "gate.denied_by_rule": _code(403, 6, "Read the named rule; ask its owner if it should not apply."),
    "gate.too_many_targets": _code(422, 6, "Name fewer targets."),
    "gate.empty_selector": _code(422, 6, "Name the targets; an empty selection never means all."),
    "gate.no_target_matched": _code(422, 5, "Check the names with: opsconductor assets list."),
    "plan.invalid": _code(422, 6, "Check the tool with: opsconductor tools check."),
    "plan.unhashable": _code(422, 6, "Use whole numbers and plain text as arguments."),
    "approval.not_found": _code(404, 2, "List approvals with: opsconductor approvals list."),
    "approval.hash_mismatch": _code(409, 6, "Show the approval again and decide on exactly that plan."),
    "approval.not_pending": _code(409, 6, "Show the approval to see what was decided."),
    "approval.expired": _code(409, 6, "Ask again to get a fresh plan."),
    "approval.drift": _code(409, 6, "What was approved no longer holds; ask again to get a fresh plan."),
    "approval.already_decided": _code(409, 6, "Another person has to decide; you have already."),
    "approval.changes_requested": _code(409, 6, "Edit the plan or ask again; this one is not decided any more."),
    "approval.not_reviewable": _code(409, 2, "Only a break-glass approval without a review can be reviewed."),
    "approval.reason_needed": _code(422, 2, "Give a reason."),
    "approval.not_yours": _code(403, 6, "Ask the requester, or a person who may approve it."),
    # execution
    "execution.not_found": _code(404, 2, "List executions with: opsconductor executions list."),
    "execution.illegal_move": _code(409, 1, "Show the execution to see its state."),
    "execution.precondition": _code(409, 5, "Make the named condition true, then ask again."),
    "execution.timed_out": _code(504, 5, "Check the target, then ask again."),
    "execution.criteria_not_met": _code(502, 5, "Look at the step's output with: opsconductor executions show."),
    "execution.fenced": _code(409, 5, "Show the execution: another process has taken this run over."),
    "execution.cancelled": _code(409, 7, "Nothing more is run; ask again if it is still wanted."),
    "execution.not_cancellable": _code(409, 2, "Show the execution to see how it ended."),
    "execution.not_unknown": _code(409, 2, "Only a step whose outcome is unknown can be settled."),
    "execution.duplicate": _code(409, 6, "Decide on the same order that is already open, or cancel it first."),
    "execution.unresolved": _code(422, 5, "A step needs a value that an earlier step did not give."),
    "execution.not_undoable": _code(409, 6, "Show the execution, and give the order that sets things right yourself."),
    "execution.changed_since": _code(409, 6, "Look at the target as it is now, and order what it needs."),
    "execution.output_not_found": _code(404, 2, "Show the execution to see which outputs are kept."),
    "target.busy": _code(409, 5, "Wait until the named run has ended, then ask again."),
    "execution.interrupted": _code(500, 5, "Look at the execution; ask again if it still needs doing."),
    "execution.unknown_outcome": _code(500, 5, "Check the target yourself; the outcome could not be read back."),
    # connectors
    "connector.unreachable": _code(502, 5, "Check that the target or service is running, then ask again."),
    "connector.auth": _code(502, 5, "Check the credential of this target."),
    "connector.failed": _code(502, 5, "Look at the step's output with: opsconductor executions show."),
    "connector.bad_output": _code(502, 5, "The tool's output does not match its declaration; check the tool."),
    "connector.too_large": _code(502, 5, "Narrow the request; the answer was larger than allowed."),
    "connector.forbidden_address": _code(403, 6, "Use an address from the inventory."),
    "connector.unknown": _code(422, 6, "Use a connector that this installation has: opsconductor doctor."),
    "secret.missing": _code(502, 5, "Store the named credential, then ask again."),
    # inventory and imports
    "inventory.unavailable": _code(503, 5, "Start the asset service, then ask again."),
    "inventory.bad_answer": _code(502, 5, "Check that the asset service on this port belongs to this home."),
    "inventory.bad_query": _code(422, 2, "Use the fields and query types that /query names."),
    "asset.not_found": _code(404, 2, "Check the name with: opsconductor assets list."),
    "import.bad_file": _code(422, 2, "Correct the named lines and import again; nothing was imported."),
    "import.unreadable": _code(422, 2, "Check the path and that the file is UTF-8 text."),
    # packs and catalogue
    "pack.invalid": _code(422, 2, "Correct the named file and line; the former pack stays in use."),
    "pack.not_found": _code(404, 2, "Check the folder's path."),
    "tool.not_found": _code(404, 2, "List tools with: opsconductor tools list."),
    "schema.remote_ref": _code(422, 2, "Use local $ref only."),
    "schema.invalid": _code(422, 2, "Correct the schema."),
    "expression.invalid": _code(422, 2, "Correct the expression; only declared names may be used."),
    # model and understanding
    "embedder.corrupt_model": _code(500, 1, "Install OpsConductor again; the packaged model is damaged."),
    "embedder.unavailable": _code(500, 1, "Install OpsConductor again; see what is missing with: opsconductor doctor."),
    "embedder.failed": _code(500, 1, "Ask again; if it stays, install OpsConductor again."),
    "retrieval.rules_unavailable": _code(503, 1, "Ask again; nothing is answered without the rules in force."),
    # store, home, process
    "store.locked": _code(503, 1, "Another process holds the database; try again."),
    "store.read_only": _code(503, 1, "Make the home folder writable for this user."),
    "store.full": _code(507, 1, "Free disk space, then try again."),
    "store.corrupt": _code(500, 1, "Restore the database from a backup; nothing was changed."),
    "store.newer": _code(500, 1, "Use the version of OpsConductor that last wrote this database, or a later one."),
    "store.unavailable": _code(503, 1, "Check the database, then try again."),
    "store.conflict": _code(409, 1, "Look again and retry."),
    "store.unsafe_role": _code(
        500, 1, "Give OPSCONDUCTOR_DATABASE_URL a role that owns no tables and is no superuser."
    ),
    "store.unprotected": _code(500, 1, "As the owner, ENABLE and FORCE row-level security on the named tables."),
    "store.not_durable": _code(500, 1, "Set it in the server's configuration, reload it, then start again."),
    "store.outdated": _code(500, 1, "Start once with OPSCONDUCTOR_DATABASE_ADMIN_URL, the URL of the schema's owner."),
    "store.driver_missing": _code(500, 1, "Install OpsConductor with its extra postgres."),
    "store.other_key": _code(500, 1, "Use the home whose keys/audit.key sealed this database's audit chains."),
    "audit.unwritable": _code(503, 5, "Repair the store; nothing runs without its audit record."),
    "audit.broken": _code(500, 5, "Keep the database as it is and look at the named rows."),
    "home.unusable": _code(500, 1, "Choose another folder with OPSCONDUCTOR_HOME."),
    "settings.invalid": _code(500, 2, "Correct the named setting; opsconductor doctor lists them."),
    "server.port_in_use": _code(
        500, 1, "Stop the other program, or choose another --port or OPSCONDUCTOR_ASSET_SERVICE_PORT."
    ),
    "server.already_running": _code(500, 1, "Use the running server, or stop it first."),
    "server.unreachable": _code(503, 1, "Try again in a moment; see what runs with: opsconductor doctor."),
    "server.shutting_down": _code(503, 1, "Wait for the restart, then send again."),
    # lab
    "lab.in_use": _code(409, 1, "Stop the server that runs this lab, or use another home."),
    "lab.start_failed": _code(500, 1, "Repair what is named; or remove the lab folder to begin afresh."),
    "lab.stop_failed": _code(500, 1, "Look at the named processes and end them yourself."),
    "internal.fault": _code(500, 1, "Report this with the named reference."),
}
