/** What a patient typed so far. */
export interface Draft {
  /** Answers by the id of the question. */
  answers: Readonly<Partial<Record<string, boolean>>>;
  complaint: string;
  name: string;
  age: string;
  sex: Sex | null;
  phone: string;
}

export type Sex = "FEMALE" | "MALE" | "OTHER";

export const STEPS = ["flags", "reason", "you", "check"] as const;
export type Step = (typeof STEPS)[number];

export const EMPTY: Draft = { answers: {}, complaint: "", name: "", age: "", sex: null, phone: "" };

export type Complaint = "wrong_flag" | "wrong_reason" | "wrong_name" | "wrong_age";

/** What is wrong with a step, by field; empty when one may go on. */
export function complaintsOf(step: Step, draft: Draft, questions: readonly string[]): Map<string, Complaint> {
  const complaints = new Map<string, Complaint>();
  if (step === "flags") {
    for (const id of questions) if (draft.answers[id] === undefined) complaints.set(id, "wrong_flag");
  }
  if (step === "reason" && draft.complaint.trim() === "") complaints.set("complaint", "wrong_reason");
  if (step === "you") {
    if (draft.name.trim() === "") complaints.set("name", "wrong_name");
    if (ageOf(draft.age) === null) complaints.set("age", "wrong_age");
  }
  return complaints;
}

/** Years, written in whatever digits the keyboard has; null when it is no age. */
export function ageOf(text: string): number | null {
  const latin = text.trim().replace(/[\u0660-\u0669\u0966-\u096f]/g, (digit) => {
    const code = digit.charCodeAt(0);
    return String(code - (code < 0x0900 ? 0x0660 : 0x0966));
  });
  if (!/^\d{1,3}$/.test(latin)) return null;
  const age = Number(latin);
  return age <= 130 ? age : null;
}

/** A draft without answers to questions that are asked no more: the rules may have changed while it was kept. */
export function stillAsked(draft: Draft, asked: readonly string[] | null): Draft {
  if (asked === null) return draft;
  const answers = Object.entries(draft.answers).filter(([id]) => asked.includes(id));
  return { ...draft, answers: Object.fromEntries(answers) };
}

/** The body of the intake. */
export function intakeOf(draft: Draft, language: string) {
  const phone = draft.phone.trim();
  return {
    patient: {
      name: draft.name.trim(),
      age_years: ageOf(draft.age) ?? 0,
      language,
      ...(draft.sex === null ? {} : { sex: draft.sex }),
      ...(phone === "" ? {} : { phone }),
    },
    complaint: draft.complaint.trim(),
    answers: Object.entries(draft.answers).flatMap(([question, yes]) =>
      yes === undefined ? [] : [{ question, yes }],
    ),
  };
}
