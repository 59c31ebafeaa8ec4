// The Backend API's operations on one user: bans, locks, passwords, second factors, images.

import { Hono } from "hono";
import { z } from "zod";
import { storeUpload } from "../accounts/images";
import { banUser, updateUser } from "../accounts/users";
import { verifyPassword } from "../authentication/passwords";
import { consumeBackupCode, isBackupCode, isTotpCode } from "../authentication/second-factors";
import type { ClerkContext } from "../context";
import { notFound, refusal } from "../errors";
import { deletedJson, pageJson } from "../resources/lists";
import { userForServer } from "../resources/user";
import { endSession, liveSessionsOfUser } from "../sessions/sessions";
import type { UserRecord } from "../store/records";
import { type BapiEnv, nothing, pageFields, readBody, readQuery, requireUser } from "./call";

const noPasswordSet = () => refusal(400, "no_password_set", "user does not have a password set");

const manyUsers = z.object({ user_ids: z.array(z.string()).min(1).max(50) });

export function userActionRoutes(context: ClerkContext) {
  const routes = new Hono<BapiEnv>();
  const unlocked = { isLocked: false, lockedUntil: null, failedAttempts: 0 };
  const noPassword = { passwordHash: null, passwordUpdatedAt: null };
  const changes: Record<string, Partial<UserRecord>> = {
    unban: { isBanned: false },
    lock: { isLocked: true, lockedUntil: null },
    unlock: unlocked,
    remove_password: noPassword,
    "password/unset_compromised": { isPasswordCompromised: false },
  };
  for (const [action, patch] of Object.entries(changes)) {
    routes.post(`/users/:userId/${action}`, (call) => {
      const user = requireUser(context, call);
      readBody(call, nothing);
      return call.json(userForServer(context, updateUser(context, user, patch)));
    });
  }
  routes.post("/users/:userId/ban", (call) => {
    const user = requireUser(context, call);
    readBody(call, nothing);
    return call.json(userForServer(context, banUser(context, user)));
  });

  routes.post("/users/:userId/password/set_compromised", (call) => {
    const user = requireUser(context, call);
    const form = z.object({ revoke_all_sessions: z.boolean().nullish() });
    const { revoke_all_sessions: isRevoking } = readBody(call, form);
    if (!user.passwordHash) throw noPasswordSet();
    const updated = context.state.change(() => {
      const sessions = isRevoking ? liveSessionsOfUser(context, user.id) : [];
      for (const each of sessions) endSession(context, each, "revoked");
      return updateUser(context, user, { isPasswordCompromised: true });
    });
    return call.json(userForServer(context, updated));
  });

  for (const action of ["ban", "unban"] as const) {
    routes.post(`/users/${action}`, (call) => {
      const { user_ids: ids } = readBody(call, manyUsers);
      const users = ids.map((id) => {
        const user = context.state.users.get(id);
        if (!user) throw notFound("user", id);
        return user;
      });
      const changed = context.state.change(() =>
        users.map((user) =>
          action === "ban"
            ? banUser(context, user)
            : updateUser(context, user, { isBanned: false }),
        ),
      );
      return call.json(changed.map((user) => userForServer(context, user)));
    });
  }

  routes.post("/users/:userId/verify_password", async (call) => {
    const user = requireUser(context, call);
    const { password } = readBody(call, z.object({ password: z.string() }));
    if (!user.passwordHash) throw noPasswordSet();
    if (!(await verifyPassword(password, user.passwordHash))) {
      throw refusal(422, "incorrect_password", "is incorrect", "The password is incorrect", {
        param_name: "password",
      });
    }
    return call.json({ verified: true });
  });

  routes.post("/users/:userId/verify_totp", (call) => {
    const user = requireUser(context, call);
    const { code } = readBody(call, z.object({ code: z.string() }));
    if (!user.isTotpVerified) {
      throw refusal(400, "totp_disabled", "TOTP is disabled");
    }
    if (isTotpCode(context, user, code)) return call.json({ verified: true, code_type: "totp" });
    if (isBackupCode(user, code)) {
      consumeBackupCode(context, user, code);
      return call.json({ verified: true, code_type: "backup_code" });
    }
    throw refusal(
      422,
      "totp_incorrect_code",
      "incorrect TOTP",
      "The provided TOTP code is incorrect",
      {
        param_name: "code",
      },
    );
  });

  const withoutTotp = { totpSecret: null, isTotpVerified: false };
  const removals: Record<string, Partial<UserRecord>> = {
    totp: withoutTotp,
    backup_code: { backupCodes: [] },
    mfa: { ...withoutTotp, backupCodes: [], mfaEnabledAt: null },
  };
  for (const [factor, patch] of Object.entries(removals)) {
    routes.delete(`/users/:userId/${factor}`, (call) => {
      const user = updateUser(context, requireUser(context, call), patch);
      return call.json({ user_id: user.id });
    });
  }

  routes.on(["POST", "DELETE"], "/users/:userId/profile_image", async (call) => {
    requireUser(context, call);
    const imageId = call.req.method === "POST" ? await storeUpload(context, call.req.raw) : null;
    // Re-reads the user: another call may have changed or deleted them during the upload.
    const user = requireUser(context, call);
    return call.json(userForServer(context, updateUser(context, user, { imageId })));
  });

  routes.delete("/users/:userId/external_accounts/:id", (call) => {
    const user = requireUser(context, call);
    const id = call.req.param("id");
    const externalAccounts = user.externalAccounts.filter((each) => each.id !== id);
    if (externalAccounts.length === user.externalAccounts.length) {
      throw notFound("external account", id);
    }
    updateUser(context, user, { externalAccounts });
    return call.json(deletedJson("external_account", id));
  });

  routes.get("/users/:userId/oauth_access_tokens/:provider", (call) => {
    const { limit, offset, paginated } = readQuery(call, z.object(pageFields));
    const provider = call.req.param("provider").replace(/^oauth_/, "");
    const tokens = requireUser(context, call)
      .externalAccounts.filter((each) => each.provider === provider)
      .filter(({ verification }) => verification.status === "verified")
      .map((each) => ({
        object: "oauth_access_token",
        external_account_id: each.id,
        provider_user_id: each.providerUserId,
        token: `local-${each.id}`,
        expires_at: null,
        provider: `oauth_${provider}`,
        public_metadata: {},
        label: null,
        scopes: ["email", "profile"],
      }));
    const page = tokens.slice(offset, offset + limit);
    return call.json(paginated === "true" ? pageJson(page, tokens.length) : page);
  });

  return routes;
}
