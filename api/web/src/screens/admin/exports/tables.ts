/** What is exported: columns by the names that the api has, for programs and for people with a spreadsheet. */
import type { Schemas } from "../../../api/client";
import type { Cell } from "../parts/csv";

export interface Table {
  head: string[];
  rows: Cell[][];
}

/** JSON in one cell; nothing for nothing. */
const json = (value: unknown): Cell => (value === undefined || value === null ? null : JSON.stringify(value));

export function auditTable(items: readonly Schemas["AuditView"][]): Table {
  return {
    head: [
      "occurred_at",
      "event_type",
      "actor",
      "department_id",
      "visit_id",
      "version",
      "command_id",
      "trace_id",
      "facts",
      "detail",
      "partition",
      "chain_seq",
      "hash",
      "event_id",
    ],
    rows: items.map((one) => [
      one.occurred_at,
      one.event_type,
      one.actor,
      one.department_id,
      one.visit_id,
      one.version,
      one.command_id,
      one.trace_id,
      json(one.facts),
      json(one.detail),
      one.partition,
      one.chain_seq,
      one.hash,
      one.event_id,
    ]),
  };
}

export interface Listed {
  department: Schemas["DepartmentView"];
  item: Schemas["QueueItem"];
}

/** Visits with names and complaints only where they are wanted. */
export function visitsTable(items: readonly Listed[], isPersonal: boolean): Table {
  const personal = isPersonal ? ["name", "complaint"] : [];
  return {
    head: [
      "department",
      "token",
      "state",
      "level",
      "arrived_at",
      "queued_since",
      "called_at",
      "started_at",
      "room",
      "target_minutes",
      "recall_count",
      "needs_review",
      "visit_id",
      "version",
      ...personal,
    ],
    rows: items.map(({ department, item }) => [
      department.name,
      item.token,
      item.state,
      item.level,
      item.arrived_at,
      item.queued_since,
      item.called_at,
      item.started_at,
      item.room,
      item.target_minutes,
      item.recall_count,
      item.needs_review,
      item.visit_id,
      item.version,
      ...(isPersonal ? [item.name, item.complaint] : []),
    ]),
  };
}

export function staffTable(
  items: readonly Schemas["StaffView"][],
  nameOf: (department: string) => string,
): Table {
  return {
    head: [
      "name",
      "email",
      "role",
      "departments",
      "status",
      "second_factor",
      "created_at",
      "invited_until",
      "id",
    ],
    rows: items.map((one) => [
      one.name,
      one.email,
      one.role,
      one.all_departments ? "*" : one.departments.map(nameOf).join(" | "),
      one.status,
      one.second_factor,
      one.created_at,
      one.invited_until,
      one.id,
    ]),
  };
}
