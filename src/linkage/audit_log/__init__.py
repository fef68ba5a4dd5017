"""The audit log of a unit: every act that changed it or let data out, in a chain that shows what was tampered with.

An *entry* says when which act was done, by whom, and with which numbers; it names no record, person or case. It has the
digest of the entry before, so that none can be edited, removed, exchanged or inserted alone; and it is sealed under
the key of the unit if that was at hand, so that whoever edits the file without the key cannot make the chain whole
again. Cutting off the end leaves a whole chain; a *head* that is kept elsewhere shows it.

The log is one table, which any store may have, and `linkage.store.Session.log` writes it in the transaction of the act.
"""

from __future__ import annotations

from linkage.audit_log.actor import account_name, acting_as, actor_name, check_name
from linkage.audit_log.chain import RULES, Fault, Verification, verify
from linkage.audit_log.entry import Entry, SealingKey
from linkage.audit_log.table import AUDIT_TABLE, Log, first_row, head, read_entries, write_entry

__all__ = [
    "AUDIT_TABLE",
    "RULES",
    "Entry",
    "Fault",
    "Log",
    "SealingKey",
    "Verification",
    "account_name",
    "acting_as",
    "actor_name",
    "check_name",
    "first_row",
    "head",
    "read_entries",
    "verify",
    "write_entry",
]
