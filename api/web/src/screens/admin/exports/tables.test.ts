import { describe, expect, it } from "vitest";
import { toCsv } from "../parts/csv";
import { auditTable, staffTable, visitsTable, type Listed } from "./tables";

const EVIL = '=cmd|"/C calc"!A0';
const listed = {
  department: { name: EVIL },
  item: {
    token: "GM-1",
    name: EVIL,
    complaint: `ok\r\n${EVIL}`,
    state: "WAITING",
    level: 3,
    needs_review: false,
  },
} as unknown as Listed;

describe("tables for exports", () => {
  it("have as many cells as columns, and no formula in any", () => {
    const staff = { name: EVIL, email: EVIL, role: "NURSE", departments: ["a"], status: "ACTIVE" };
    const audit = { event_type: "x", actor: EVIL, facts: { note: EVIL }, detail: EVIL };
    for (const table of [
      visitsTable([listed], true),
      staffTable([staff as never], () => EVIL),
      auditTable([audit as never]),
    ]) {
      for (const row of table.rows) expect(row).toHaveLength(table.head.length);
      const text = toCsv(table.head, table.rows);
      expect(text).not.toMatch(/(^|[,\r\n\ufeff;\t]"?)[=+\-@]/);
    }
  });

  it("leave names and complaints out unless they are wanted", () => {
    const text = toCsv(visitsTable([listed], false).head, visitsTable([listed], false).rows);
    expect(text).not.toContain("complaint");
    expect(visitsTable([listed], true).head).toContain("complaint");
  });
});
