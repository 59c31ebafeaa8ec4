type Options = { frontendApi: string; api: string; send?: typeof fetch };

/** A native app's client: HTTP only, without a browser, cookies or Clerk's SDK. */
export function phoneClient({ frontendApi, api, send = fetch }: Options) {
  /** Identifies this installation to Clerk. Keep it in the phone's secure storage. */
  let clientToken = "";
  let sessionId = "";
  let cached: { jwt: string; usableUntil: number } | undefined;

  /** Sends a request to Clerk's Frontend API. Each response may carry a new client token. */
  async function clerk(path: string, form: Record<string, string> = {}): Promise<Response> {
    const response = await send(`${frontendApi}/v1${path}?_is_native=1`, {
      method: "POST",
      headers: clientToken ? { authorization: clientToken } : {},
      body: new URLSearchParams(form),
    });
    clientToken = response.headers.get("authorization") ?? clientToken;
    return response;
  }

  /** Posts to a sign-in and returns it. Throws Clerk's message, such as that the code is incorrect. */
  async function signIn(path: string, form: Record<string, string>) {
    const { response, errors } = await (await clerk(`/client/sign_ins${path}`, form)).json();
    if (errors) throw new Error(errors[0].long_message);
    if (response.status === "complete") sessionId = response.created_session_id;
    return response;
  }

  async function signInWithTicket(ticket: string): Promise<void> {
    const { status } = await signIn("", { strategy: "ticket", ticket });
    if (status !== "complete") throw new Error("The sign-in needs another step.");
  }

  /**
   * Sends a code to the address. The function that is returned signs in with that code; after a wrong code it can be called again.
   */
  async function startEmailCode(identifier: string) {
    const { id, supported_first_factors } = await signIn("", { identifier });
    const strategy = "email_code";
    const factor = supported_first_factors.find(
      (each: { strategy: string }) => each.strategy === strategy,
    );
    if (!factor) throw new Error("This account cannot sign in with a mailed code.");
    const { email_address_id } = factor;
    await signIn(`/${id}/prepare_first_factor`, { strategy, email_address_id });
    return async (code: string): Promise<void> => {
      const { status } = await signIn(`/${id}/attempt_first_factor`, { strategy, code });
      if (status !== "complete") throw new Error("The sign-in needs another step.");
    };
  }

  /**
   * Returns a session token, which is valid for 60 s. Just after signing in, or when Clerk is busy, there may be no token yet, so
   * the request is retried.
   */
  async function token({ skipCache = false } = {}): Promise<string> {
    if (!skipCache && cached && Date.now() < cached.usableUntil) return cached.jwt;
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      const response = await clerk(`/client/sessions/${sessionId}/tokens`);
      if (response.ok) {
        const { jwt } = await response.json();
        cached = { jwt, usableUntil: Date.now() + 45_000 };
        return jwt;
      }
      const isBusy = response.status === 429 || response.status >= 500;
      if (!isBusy) throw new Error("SIGNED_OUT");
      const seconds = Number(response.headers.get("retry-after") ?? attempt * 0.25);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    }
    throw new Error("AUTH_TOKEN_NOT_READY");
  }

  /**
   * Runs an operation. A 401 means that nothing was executed, so the operation is sent once more, with a token that does not come
   * from the cache. A mutation whose response was lost is not sent again, because it may have been executed.
   */
  async function graphql(query: string, variables: object = {}) {
    const post = (jwt: string) =>
      send(api, {
        method: "POST",
        headers: { authorization: `Bearer ${jwt}`, "content-type": "application/json" },
        body: JSON.stringify({ query, variables }),
      });
    let response = await post(await token());
    if (response.status === 401) response = await post(await token({ skipCache: true }));
    return response.json();
  }

  return { signInWithTicket, startEmailCode, graphql };
}
