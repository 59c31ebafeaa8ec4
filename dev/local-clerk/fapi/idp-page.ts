// The page of the built-in identity provider, on which the tester chooses a seeded user, enters another user, or denies access.

import type { ClerkContext } from "../context";
import { displayName, primaryEmail } from "../resources/public-user";
import type { OauthRound } from "../sessions/oauth-rounds";

const shown = 8;

function escaped(text: string): string {
  return text.replaceAll(/[<>&"']/g, (character) => `&#${character.codePointAt(0)};`);
}

function field(name: string, value: string): string {
  return `<input type="hidden" name="${name}" value="${escaped(value)}">`;
}

export function idpPage(context: ClerkContext, round: OauthRound, provider: string): string {
  const state = field("state", round.id);
  const form = (body: string) =>
    `<form action="${context.proxyUrl}/v1/oauth_callback">${state}${body}</form>`;
  const people = [...context.state.users.all()].slice(0, shown).map((user) => {
    const email = primaryEmail(user)?.address ?? "";
    const names =
      field("first_name", user.firstName ?? "") + field("last_name", user.lastName ?? "");
    return form(
      `${field("email", email)}${names}<button>${escaped(displayName(user))} <small>${escaped(email)}</small></button>`,
    );
  });
  const style =
    "body{font:15px/22px system-ui,sans-serif;max-width:24rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}" +
    "button,input{font:inherit;width:100%;padding:.5rem .75rem;margin:.2rem 0;text-align:left;box-sizing:border-box}small{opacity:.7}label{display:block;margin-top:.5rem}";
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Sign in with ${provider}</title><style>${style}</style></head><body>
<h1>${provider}, played by the local Clerk</h1>
<h2>Continue as</h2>${people.join("")}
<h2>Or as somebody else</h2>
${form('<label>Email<input name="email" type="email" required></label><label>First name<input name="first_name"></label><label>Last name<input name="last_name"></label><button>Continue</button>')}
${form(`${field("error", "access_denied")}<button>Cancel</button>`)}
</body></html>`;
}
