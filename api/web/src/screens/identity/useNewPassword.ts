import { useState } from "react";
import type { ApiError } from "../../api/problem";
import { complaintOf, useStrength, type Score } from "./strength";

/** A new password while it is chosen. */
export interface NewPassword {
  password: string;
  repeated: string;
  setPassword: (password: string) => void;
  setRepeated: (repeated: string) => void;
  score: Score | null;
  /** What is wrong with it here; told from the first try to send on. */
  wrong: "too_short" | "too_weak" | null;
  differs: boolean;
  /** What the api had to say about this very password. */
  refused: string | null;
  /** Whether it may be sent; complains where it may not. */
  check: () => boolean;
  clear: () => void;
}

const EMPTY = { password: "", repeated: "", isTried: false, sent: null as string | null };

export function useNewPassword(error: ApiError | null): NewPassword {
  const [state, setState] = useState(EMPTY);
  const score = useStrength(state.password, []);
  const wrong = complaintOf(state.password, score);
  const differs = state.password !== state.repeated;
  const said = (error?.problem?.errors ?? []).filter((one) => one.pointer === "/password");
  const isAboutThis = state.sent === state.password && said.length > 0;
  return {
    password: state.password,
    repeated: state.repeated,
    setPassword: (password) => setState({ ...state, password }),
    setRepeated: (repeated) => setState({ ...state, repeated }),
    score,
    wrong: state.isTried ? wrong : null,
    differs: state.isTried && differs,
    refused: isAboutThis ? said.map((one) => one.detail).join("; ") : null,
    check() {
      const isGood = wrong === null && !differs;
      setState({ ...state, isTried: true, sent: isGood ? state.password : state.sent });
      return isGood;
    },
    clear: () => setState(EMPTY),
  };
}
