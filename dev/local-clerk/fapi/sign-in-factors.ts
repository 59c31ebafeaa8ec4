// The factors of a sign-in in progress: sent, tried, and what they lead to.

import {
  codeStrategyOf,
  ownAddress,
  proveCode,
  provePassword,
  proveSecondFactor,
  sendFactorCode,
} from "../authentication/factors";
import { prepareLink } from "../authentication/verifications";
import type { World } from "../context";
import { identifierUnknown, paramMissing, strategyInvalid, verificationMissing } from "../errors";
import { emailStrategies } from "../resources/factors";
import { requireMaySignIn } from "../sessions/sessions";
import type { SignInRecord, UserRecord } from "../store/records";
import { requireOwnUrl } from "./own-url";
import { completeSignIn, noteFailure, requireOpen } from "./sign-in-completion";

type Preparation = {
  strategy?: string | undefined;
  email_address_id?: string | undefined;
  phone_number_id?: string | undefined;
  redirect_url?: string | undefined;
};
type Attempt = {
  strategy?: string | undefined;
  code?: string | undefined;
  password?: string | undefined;
};

export function requireUser(world: World, signIn: SignInRecord): UserRecord {
  const user = world.state.users.get(signIn.userId);
  if (!user) throw identifierUnknown();
  return user;
}

export function prepareFirst(world: World, signIn: SignInRecord, given: Preparation): SignInRecord {
  const user = requireUser(world, signIn);
  requireOpen(world, signIn, user);
  if (given.strategy === "email_link") return mailSignInLink(world, signIn, user, given);
  const strategy = codeStrategyOf(given.strategy);
  if (!strategy) throw strategyInvalid();
  return world.state.change(() => {
    const id = given.email_address_id ?? given.phone_number_id;
    const verification = sendFactorCode(world, user, strategy, id);
    return world.state.signIns.put({ ...signIn, verification });
  });
}

function mailSignInLink(
  world: World,
  signIn: SignInRecord,
  user: UserRecord,
  given: Preparation,
): SignInRecord {
  if (!emailStrategies(world).includes("email_link")) throw strategyInvalid();
  if (!given.redirect_url) throw paramMissing("redirect_url");
  const redirectUrl = requireOwnUrl(world, given.redirect_url).href;
  const { to, id } = ownAddress(user, given.email_address_id);
  const recipient = { to, userId: user.id, identificationId: id };
  return world.state.change(() => {
    const target = { kind: "sign_in" as const, id: signIn.id };
    const verification = prepareLink(world, recipient, target, redirectUrl);
    return world.state.signIns.put({ ...signIn, verification });
  });
}

export async function tryFirst(
  world: World,
  signIn: SignInRecord,
  { strategy = "", code, password }: Attempt,
): Promise<SignInRecord> {
  const user = requireUser(world, signIn);
  requireMaySignIn(world, user);
  const fail = () => noteFailure(world, user);
  if (strategy === "password") {
    requireOpen(world, signIn, user);
    const verification = await provePassword(world, user, password, fail);
    const current = world.state.signIns.get(signIn.id) ?? signIn;
    return completeSignIn(world, current, requireUser(world, signIn), verification);
  }
  const verification = proveCode(world, signIn.verification, { strategy, code }, (kept) => {
    world.state.signIns.put({ ...signIn, verification: kept });
    fail();
  });
  if (!strategy.startsWith("reset_password")) {
    return completeSignIn(world, signIn, user, verification);
  }
  return world.state.signIns.put({ ...signIn, verification, status: "needs_new_password" });
}

export function prepareSecond(
  world: World,
  signIn: SignInRecord,
  given: Preparation,
): SignInRecord {
  const user = requireUser(world, signIn);
  if (signIn.status !== "needs_second_factor") throw verificationMissing();
  if (given.strategy !== "phone_code") throw strategyInvalid();
  return world.state.change(() => {
    const sent = sendFactorCode(world, user, "phone_code", given.phone_number_id);
    return world.state.signIns.put({ ...signIn, secondVerification: sent });
  });
}

export function trySecond(
  world: World,
  signIn: SignInRecord,
  { strategy = "", code }: Attempt,
): SignInRecord {
  const user = requireUser(world, signIn);
  requireMaySignIn(world, user);
  if (signIn.status !== "needs_second_factor") throw verificationMissing();
  const fail = () => noteFailure(world, user);
  if (strategy === "phone_code") {
    const before = signIn.secondVerification;
    const secondVerification = proveCode(world, before, { strategy, code }, (kept) => {
      world.state.signIns.put({ ...signIn, secondVerification: kept });
      fail();
    });
    const proved = { ...signIn, secondVerification };
    return completeSignIn(world, proved, user, signIn.verification);
  }
  const proof = proveSecondFactor(world, user, { strategy, code }, fail);
  const proved = { ...signIn, secondVerification: proof.verification };
  return completeSignIn(world, proved, proof.user, signIn.verification);
}
