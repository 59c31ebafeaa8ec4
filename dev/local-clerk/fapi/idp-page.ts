// The page of the built-in identity provider, on which the tester chooses a seeded user, enters another user, or denies access.

import type { ClerkContext } from "../context";
import { displayName, primaryEmail } from "../resources/public-user";
import type { OauthRound } from "../sessions/oauth-rounds";
import type { UserRecord } from "../store/records";

const shown = 8;

const style = `
:root{color-scheme:light dark;--canvas:light-dark(#faf9f6,#141311);--card:light-dark(#fff,#1c1a18);--sunken:light-dark(#f4f2ed,#262421);--line:light-dark(#e7e4dd,#33302c);--edge:light-dark(#8f897e,#827b70);--text:light-dark(#1e1c19,#f2efe9);--quiet:light-dark(#59554e,#bab4a9);--accent:light-dark(#2c4bc8,#a3b4ff);--on-accent:light-dark(#fff,#131a3d)}
*{box-sizing:border-box}
body{margin:0;padding:48px 16px;background:var(--canvas);color:var(--text);font:14px/20px Geist,system-ui,sans-serif}
main{max-width:424px;margin:0 auto;padding:32px;background:var(--card);border:1px solid var(--line);border-radius:10px}
h1{margin:0;font-size:20px;line-height:28px;font-weight:550;text-wrap:balance}
h2{margin:24px 0 8px;font-size:13px;font-weight:550;color:var(--quiet)}
p{margin:8px 0 0;color:var(--quiet)}
form{margin:0}
button,input{font:inherit;color:inherit;width:100%;border-radius:6px;border:1px solid var(--edge);background:var(--card);padding:7px 12px}
button{cursor:pointer}
button:hover{background:var(--sunken)}
.accounts{border:1px solid var(--line);border-radius:10px;overflow:hidden}
.accounts form+form{border-top:1px solid var(--line)}
.accounts button{display:flex;gap:12px;align-items:center;border:0;border-radius:0;padding:10px 12px;text-align:left}
.accounts span:last-child{min-width:0;overflow-wrap:anywhere}
.initials{flex:none;display:grid;place-items:center;width:32px;height:32px;border-radius:16px;background:var(--sunken);color:var(--quiet);font-size:12px}
small{display:block;font-size:13px;color:var(--quiet)}
label{display:block;margin-bottom:12px;color:var(--quiet)}
input{display:block;margin-top:4px;color:var(--text)}
.names{display:grid;grid-template-columns:1fr 1fr;gap:0 12px}
.primary,.primary:hover{background:var(--accent);border-color:var(--accent);color:var(--on-accent);font-weight:550}
.cancel{margin-top:8px}
:focus-visible{outline:2px solid var(--accent);outline-offset:-2px}
.primary:focus-visible{outline-offset:2px}
@media(max-width:480px){body{padding:16px 12px}main{padding:24px 16px}}`;

function escaped(text: string): string {
  return text.replaceAll(/[<>&"']/g, (character) => `&#${character.codePointAt(0)};`);
}

function field(name: string, value: string): string {
  return `<input type="hidden" name="${name}" value="${escaped(value)}">`;
}

function initials(name: string): string {
  const words = name.split(/\s+/);
  return [words[0], words.length > 1 ? words.at(-1) : ""]
    .map((word) => Array.from(word ?? "")[0] ?? "")
    .join("")
    .toUpperCase();
}

function account(user: UserRecord): string {
  const email = primaryEmail(user)?.address ?? "";
  const hidden =
    field("email", email) +
    field("first_name", user.firstName ?? "") +
    field("last_name", user.lastName ?? "");
  const name = displayName(user);
  return `${hidden}<button><span class="initials" aria-hidden="true">${escaped(initials(name))}</span><span>${escaped(name)}<small>${escaped(email)}</small></span></button>`;
}

export function idpPage(context: ClerkContext, round: OauthRound, provider: string): string {
  const state = field("state", round.id);
  const form = (body: string) =>
    `<form action="${context.proxyUrl}/v1/oauth_callback">${state}${body}</form>`;
  const known = [...context.state.users.all()].filter(primaryEmail).slice(0, shown);
  const accounts = known.length
    ? `<h2>Choose an account</h2><div class="accounts">${known.map((user) => form(account(user))).join("")}</div>`
    : "";
  const name = escaped(provider);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Sign in with ${name}</title><link rel="icon" href="data:,"><style>${style}</style></head><body><main>
<h1>${name}, played by the local Clerk</h1>
<p>To continue to ${escaped(context.settings.applicationName)}. Nothing is sent to ${name}.</p>
${accounts}
<h2>${known.length ? "Use another account" : "Use any account"}</h2>
${form('<label>Email<input name="email" type="email" required autocomplete="off"></label><div class="names"><label>First name<input name="first_name" autocomplete="off"></label><label>Last name<input name="last_name" autocomplete="off"></label></div><button class="primary">Continue</button>')}
${form(`${field("error", "access_denied")}<button class="cancel">Cancel</button>`)}
</main></body></html>`;
}
