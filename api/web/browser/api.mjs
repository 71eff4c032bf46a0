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

  /** A poster of a department, as it hangs on a wall: the token behind its address. */
  async poster(code) {
    const body = { department_id: this.department(code), kind: "poster", ttl_minutes: 600 };
    return (await this.post("/links", body, await this.token("admin"))).link_token;
  }
}
