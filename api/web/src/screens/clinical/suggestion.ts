import type { Schemas } from "../../api/client";

type Visit = Schemas["VisitView"];
type Decision = Schemas["DecisionPart"];

/** Changes what a level is decided on. */
function isFinding(decision: Decision): boolean {
  return decision.what === "checked_in" || decision.what === "vitals_recorded";
}

function isOwnLevel(decision: Decision): boolean {
  return decision.what === "level_set" && decision.decided_by === "clinician" && decision.taken_back !== true;
}

/**
 * Whether a suggestion may be seen: only after a clinician has set a level on the findings as they are. Who sees a
 * suggestion first follows it too readily.
 */
export function isSuggestionShown(visit: Visit): boolean {
  if (visit.suggestion === undefined) return false;
  if (!visit.suggestion.shown_before_own_level) return true;
  const decisions = visit.decisions ?? [];
  return decisions.findLastIndex(isOwnLevel) > decisions.findLastIndex(isFinding);
}

/** The decisions that may be told of; what the adviser said is left out while it is folded away. */
export function tellable(visit: Visit): readonly Decision[] {
  const decisions = visit.decisions ?? [];
  return isSuggestionShown(visit) ? decisions : decisions.filter((decision) => decision.decided_by !== "ai");
}
