/** The part of Clerk's client that the flows use. Clerk's hooks implement it in a browser, and clerk-js in tests. */
import type { useSignIn, useSignUp } from "@clerk/nextjs";

export type SignIn = ReturnType<typeof useSignIn>["signIn"];
export type SignUp = ReturnType<typeof useSignUp>["signUp"];
type Navigate = NonNullable<NonNullable<Parameters<SignIn["finalize"]>[0]>["navigate"]>;

export type ClerkPort = {
  /** These are functions, because Clerk replaces the objects: each use must read the newest object. */
  signIn: () => SignIn;
  signUp: () => SignUp;
  /** Called while the session becomes active. Opens the session's pending task, or the page that the person requested. */
  navigate: Navigate;
  isOffline: () => boolean;
  now: () => number;
};
