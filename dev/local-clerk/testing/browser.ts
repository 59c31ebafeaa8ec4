// A client of the Frontend API that behaves like a browser: it sends an origin, keeps a cookie jar, and posts forms.

import type { LocalClerk } from "../start";

type Form = Record<string, string>;

export class Browser {
  readonly #cookies: Map<string, string>;
  readonly #clerk: LocalClerk;
  readonly #origin: string;

  /**
   * Two `Browser` objects with the same `cookies` act as one browser with two apps on two ports: cookies do not distinguish
   * ports.
   */
  constructor(clerk: LocalClerk, origin: string, cookies = new Map<string, string>()) {
    this.#clerk = clerk;
    this.#origin = origin;
    this.#cookies = cookies;
  }

  cookie(name: string): string | undefined {
    return this.#cookies.get(name);
  }

  /** The cookie that identifies this browser's client, in the form of a Cookie header. */
  get clientCookie(): string {
    const [name = "", value = ""] =
      [...this.#cookies].find(([each]) => /^__client_(?!uat(?:_|$))/.test(each)) ?? [];
    return `${name}=${value}`;
  }

  /** Sends a request. `path` is without `/v1`. Redirects are not followed. */
  async fetch(
    method: string,
    path: string,
    form: Form = {},
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const isRead = method === "GET";
    // As clerk-js does, sends PATCH, PUT and DELETE as POST with the method in the query.
    const search = isRead || method === "POST" ? "" : `?_method=${method}`;
    const response = await fetch(`${this.#clerk.url}/fapi/v1${path}${search}`, {
      method: isRead ? "GET" : "POST",
      redirect: "manual",
      headers: {
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(isRead ? {} : { origin: this.#origin }),
        ...headers,
      },
      ...(isRead ? {} : { body: new URLSearchParams(form) }),
    });
    for (const each of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(each) ?? [];
      if (value === "") this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return response;
  }

  /** Sends a request and parses the JSON of its response. `code` is the code of the response's first error. */
  async call(...request: Parameters<Browser["fetch"]>) {
    const response = await this.fetch(...request);
    const body = await response.json();
    return { status: response.status, body, code: body.errors?.[0]?.code };
  }

  get(path: string) {
    return this.call("GET", path);
  }

  post(path: string, form?: Form) {
    return this.call("POST", path, form);
  }

  patch(path: string, form: Form) {
    return this.call("PATCH", path, form);
  }

  delete(path: string) {
    return this.call("DELETE", path);
  }

  /** Signs in. The default password is the password of the seeded users. */
  signIn(identifier: string, password = this.#clerk.password) {
    return this.post("/client/sign_ins", { identifier, password });
  }

  /** Starts a sign-up and requests its code, which is sent by mail or text message. Resolves to the path of the sign-up. */
  async startSignUp(form: Form): Promise<string> {
    const { body } = await this.post("/client/sign_ups", form);
    const path = `/client/sign_ups/${body.response.id}`;
    const strategy = "email_address" in form ? "email_code" : "phone_code";
    await this.post(`${path}/prepare_verification`, { strategy });
    return path;
  }

  /** Uploads a picture as Clerk's components do: one file in a multipart form. */
  async upload(method: "POST" | "PUT", path: string, sessionId: string, file: Blob | null) {
    const body = new FormData();
    if (file) body.set("file", file, "picture");
    const query = `_method=${method}&_clerk_session_id=${sessionId}`;
    const response = await fetch(`${this.#clerk.url}/fapi/v1${path}?${query}`, {
      method: "POST",
      headers: { origin: this.#origin, cookie: this.clientCookie },
      body,
    });
    const answer = await response.json();
    return { status: response.status, body: answer, code: answer.errors?.[0]?.code };
  }

  /**
   * Starts an OAuth flow with Google. Resolves to the id of the sign-in or sign-up, and to the provider's URL that the user is
   * redirected to.
   */
  async startOauth(path: "sign_ins" | "sign_ups", more: Form = {}) {
    const urls = { redirect_url: "/sso-callback", action_complete_redirect_url: "/home" };
    const form = { strategy: "oauth_google", ...urls, ...more };
    const { response } = (await this.post(`/client/${path}`, form)).body;
    const verification =
      response.first_factor_verification ?? response.verifications.external_account;
    return { id: response.id, url: verification.external_verification_redirect_url };
  }

  /** Starts to connect an external account to the signed-in user. Resolves to the provider's URL. */
  async startConnecting(provider: string): Promise<string> {
    const form = { strategy: `oauth_${provider}`, redirect_url: "/account" };
    const { response } = (await this.post("/me/external_accounts", form)).body;
    return response.verification.external_verification_redirect_url;
  }

  /**
   * Simulates the provider's redirect back to the Frontend API. `as` has the fields of the user who signed in at the provider, or
   * is `{ error }`. Resolves to the path that the callback redirects to, or to the code of the callback's error.
   */
  async finishOauth(providerUrl: string, as: Form): Promise<string> {
    const state = new URL(providerUrl).searchParams.get("state") ?? "";
    const query = new URLSearchParams({ state, ...as });
    const response = await this.fetch("GET", `/oauth_callback?${query}`);
    const location = response.headers.get("location");
    return location?.replace(this.#origin, "") ?? (await response.json()).errors[0].code;
  }
}
