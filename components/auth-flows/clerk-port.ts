/** What the flows call of Clerk's client. Clerk's hooks provide it in a browser, and clerk-js itself in tests. */
import type { useSignIn, useSignUp } from "@clerk/nextjs";

export type SignIn = ReturnType<typeof useSignIn>["signIn"];
export type SignUp = ReturnType<typeof useSignUp>["signUp"];
type Navigate = NonNullable<NonNullable<Parameters<SignIn["finalize"]>[0]>["navigate"]>;

export type ClerkPort = {
  /** Clerk replaces these objects, so each use reads the newest. */
  signIn: () => SignIn;
  signUp: () => SignUp;
  /** Called while the session becomes active; leads to its task, or to where the person was going. */
  navigate: Navigate;
  isOffline: () => boolean;
  now: () => number;
};
