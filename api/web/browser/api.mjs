// The api as a program uses it, to set the scene behind the screens' back.
import { user } from "./hospital.mjs";

export class Api {
  constructor(state) {
    this.state = state;
    this.tokens = new Map();
  }

  async post(path, body, token, key = crypto.randomUUID()) {
    const headers = { "content-type": "application/json", "idempotency-key": key, prefer: "wait=10" };
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    const response = await fetch(`${this.state.api_url}/api/v1${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${path}: ${answer.code} ${answer.detail}`);
    return answer;
  }

  async token(login) {
    if (!this.tokens.has(login)) {
      const { email, password } = user(this.state, login);
      this.tokens.set(login, (await this.post("/auth/login", { email, password })).access_token);
    }
    return this.tokens.get(login);
  }

  department(code) {
    return this.state.departments.find((one) => one.code === code).department_id;
  }

  /** Checks somebody in at the desk; gives the visit. */
  async checkIn(code, name, complaint, age_years = 40) {
    const body = { department_id: this.department(code), patient: { name, age_years }, complaint };
    return (await this.post("/visits", body, await this.token("reception"))).result.visit;
  }

  async act(login, visit, operation, body = {}) {
    return (await this.post(`/visits/${visit}/${operation}`, body, await this.token(login))).result.visit;
  }

  /** Sends everybody of a department home. */
  async clear(code) {
    const states = "SCANNED,WAITING,URGENT,CALLED,IN_CONSULTATION,ON_HOLD";
    const path = `/api/v1/departments/${this.department(code)}/queue?limit=200&state=${states}`;
    const headers = { authorization: `Bearer ${await this.token("reception")}` };
    const { items } = await (await fetch(this.state.api_url + path, { headers })).json();
    for (const { visit_id, state } of items) {
      await this.act("reception", visit_id, state === "SCANNED" ? "cancel" : "leave", { reason: "scene" });
    }
  }

  /** A poster of a department, as it hangs on a wall: the token behind its address. */
  async poster(code) {
    const body = { department_id: this.department(code), kind: "poster", ttl_minutes: 600 };
    return (await this.post("/links", body, await this.token("admin"))).link_token;
  }
}
