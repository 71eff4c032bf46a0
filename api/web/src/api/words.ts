import type en from "../texts/errors/en";
import { ApiError } from "./problem";

type Key = keyof typeof en;

/** Codes that say the same to a person. */
const SAME: Readonly<Partial<Record<string, Key>>> = {
  invalid_request: "invalid_input",
  invalid_body: "invalid_input",
  invalid_parameter: "invalid_input",
  invalid_field: "invalid_input",
  invalid_session: "unauthenticated",
  issuer_unavailable: "not_accepted",
  queue_full: "not_accepted",
  database_unavailable: "not_accepted",
  not_ready: "not_accepted",
  request_timeout: "timeout",
  unknown_session: "not_found",
  unknown_staff: "not_found",
  unknown_command: "outcome_unknown",
  unknown_visit: "not_found",
  unknown_department: "not_found",
  unknown_doctor: "not_found",
  unknown_room: "not_found",
};

/** Which text tells of an error; `has` says which codes have a text of their own. */
export function wordsFor(error: ApiError, has: (key: string) => key is Key): Key {
  const code = error.code;
  return SAME[code] ?? (has(code) ? code : "internal_error");
}
