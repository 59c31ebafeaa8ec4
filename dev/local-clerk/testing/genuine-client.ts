// Runs the unmodified clerk-js without a browser. It calls the local Clerk as a page does, with an origin and a cookie jar.

import { Clerk } from "@clerk/clerk-js/no-rhc";
import type { Site } from "./site";

type Client = NonNullable<Clerk["client"]>;
type SignIn = Client["signIn"]["__internal_future"];
type SignUp = Client["signUp"]["__internal_future"];

export type GenuineClient = {
  clerk: Clerk;
  /** Creates a new attempt of the custom-flow API, as `useSignIn()` returns it. Use the same object until the attempt ends. */
  newSignIn(): SignIn;
  newSignUp(): SignUp;
  /** Signs in with a password, and makes the session active. */
  signIn(identifier: string, password: string): Promise<void>;
  /** Signs out. Replaces `clerk.signOut()`, which needs a window to navigate. */
  signOut(): Promise<void>;
  /**
   * Simulates the provider's redirect back to the Frontend API, and reloads the client. `as` has the fields of the user who
   * signed in at the provider, or is `{ error }`. Resolves to the path that the callback redirects to.
   */
  finishOauth(as: Record<string, string>): Promise<string>;
  /** The API calls so far, in order, such as `POST /v1/client/sign_ins 200`. */
  calls: string[];
};

/** Opens a client. Only one may be open at a time, because clerk-js keeps its state in static fields. */
export async function openGenuineClient(site: Site): Promise<GenuineClient> {
  const proxyUrl = `${site.appUrl}/__clerk`;
  const cookies = new Map<string, string>();
  const calls: string[] = [];
  const clerk = new Clerk(site.clerk.keys.publishableKey, { proxyUrl });
  clerk.__internal_onBeforeRequest((request) => {
    const path = request.url?.href.slice(proxyUrl.length) ?? "";
    request.url = new URL(`${site.clerk.url}/fapi${path}`);
    const headers = new Headers(request.headers);
    headers.set("origin", site.appUrl);
    headers.set("cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    request.headers = headers;
  });
  clerk.__internal_onAfterResponse((request, response) => {
    for (const each of response?.headers.getSetCookie() ?? []) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(each) ?? [];
      cookies.set(name, value);
    }
    const path = request.url?.pathname.replace(/^\/fapi/, "");
    calls.push(`${request.method ?? "GET"} ${path} ${response?.status}`);
  });
  let leftFor: URL | undefined;
  clerk.__internal_windowNavigate = (to) => {
    leftFor = new URL(to);
  };
  await clerk.load({ standardBrowser: false });
  const client = (): Client => {
    if (!clerk.client) throw new Error("clerk-js has not loaded a client.");
    return clerk.client;
  };
  return {
    clerk,
    calls,
    newSignIn() {
      client().resetSignIn();
      return client().signIn.__internal_future;
    },
    newSignUp() {
      client().resetSignUp();
      return client().signUp.__internal_future;
    },
    async finishOauth(as) {
      const query = new URLSearchParams({ state: leftFor?.searchParams.get("state") ?? "", ...as });
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      const url = `${site.clerk.url}/fapi/v1/oauth_callback?${query}`;
      const response = await fetch(url, { redirect: "manual", headers: { cookie } });
      await client().reload();
      return response.headers.get("location")?.replace(site.appUrl, "") ?? "";
    },
    signOut: async () => void (await client().removeSessions()),
    async signIn(identifier, password) {
      const signIn = client().signIn.__internal_future;
      const { error } = await signIn.password({ identifier, password });
      if (error) throw error;
      await signIn.finalize();
    },
  };
}

/**
 * Returns functions that return the current objects of `useSignIn()` and `useSignUp()`. These objects keep a completed attempt
 * until `finalize` is called, although the client no longer has the attempt. clerk-js shares the objects between all clients of a
 * process, so this function first resets what an earlier client left.
 */
export function hookedResources({ clerk }: GenuineClient) {
  const { signInSignal, signUpSignal } = clerk.__internal_state;
  void signInSignal().signIn?.reset();
  void signUpSignal().signUp?.reset();
  return {
    signIn: () => signInSignal().signIn ?? missing("sign-in"),
    signUp: () => signUpSignal().signUp ?? missing("sign-up"),
  };
}

function missing(noun: string): never {
  throw new Error(`clerk-js has no ${noun}.`);
}
