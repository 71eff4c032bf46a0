export type Role = "ADMIN" | "RECEPTION" | "NURSE" | "DOCTOR" | "DISPLAY" | "PATIENT";

/** What an access token says of its owner. Read for showing only: the api alone verifies it. */
export interface Claims {
  sub: string;
  exp: number;
  facility: string;
  role: Role | null;
  /** Departments granted; null for all of the facility. */
  departments: readonly string[] | null;
  sessionId: string | null;
}

/** Reads the claims of a JWT; null when it is none. */
export function claimsOf(token: string): Claims | null {
  try {
    const payload = token.split(".")[1];
    if (payload === undefined) return null;
    const base64 = payload.replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const raw = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Record<string, unknown>>;
    if (typeof raw["sub"] !== "string" || typeof raw["exp"] !== "number") return null;
    return {
      sub: raw["sub"],
      exp: raw["exp"],
      facility: text(raw["facility"]) ?? "",
      role: (text(raw["role"]) as Role | null) ?? null,
      departments: grants(raw["departments"]),
      sessionId: text(raw["sid"]),
    };
  } catch {
    return null;
  }
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** `"all"`, or `{"only": [ids]}`. */
function grants(value: unknown): readonly string[] | null {
  if (typeof value !== "object" || value === null || !("only" in value)) return null;
  return Array.isArray(value.only) ? value.only.filter((id) => typeof id === "string") : null;
}
