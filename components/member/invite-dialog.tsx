"use client";

import { useMutation, useQuery } from "@apollo/client/react";
import { type FormEvent, useId, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Sheet } from "@/components/ui/sheet";
import { TextField } from "@/components/ui/text-field";
import { graphql } from "@/lib/document";
import { roleName } from "@/lib/format";
import { type Invited, messageOf } from "./act-message";

const rolesQuery = graphql(`
  query InvitableRoles($id: ID!) {
    organization(id: $id) {
      id
      roles {
        key
        name
      }
    }
  }
`);

const inviteMutation = graphql(`
  mutation Invite($organizationId: ID!, $email: String!, $role: String!) {
    inviteToOrganization(organizationId: $organizationId, email: $email, role: $role) {
      invitationId
      isChanged
      error
      errorField
    }
  }
`);

const MEMBER = "org:member";
/** The roles to choose from until the instance's roles are loaded. */
const firstRoles = [
  { key: MEMBER, name: "Member" },
  { key: "org:admin", name: "Admin" },
];

type Failure = { text: string; field: "EMAIL" | "ROLE" | null };

/** The form for one invitation, with an address and a role. Loaded by {@link InviteButton}. */
export function InviteDialog(props: {
  organization: { id: string; name: string };
  onClose: () => void;
  onInvited: (invited: Invited) => void;
}) {
  const { organization, onClose, onInvited } = props;
  const form = useRef<HTMLFormElement>(null);
  const roleField = useId();
  const [failure, setFailure] = useState<Failure | null>(null);
  const [send, { loading }] = useMutation(inviteMutation);
  const { data } = useQuery(rolesQuery, { variables: { id: organization.id } });
  const known = data?.organization?.roles?.flatMap(({ key, name }) => (key ? [{ key, name }] : []));
  const roles = known && known.length > 0 ? known : firstRoles;

  const fail = (found: Failure) => {
    setFailure(found);
    const name = found.field === "ROLE" ? "role" : "email";
    form.current?.querySelector<HTMLElement>(`[name=${name}]`)?.focus();
  };

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (loading) return;
    const fields = new FormData(event.currentTarget);
    const [email, role] = [String(fields.get("email") ?? "").trim(), String(fields.get("role"))];
    setFailure(null);
    try {
      const variables = { organizationId: organization.id, email, role };
      const outcome = (await send({ variables })).data?.inviteToOrganization;
      if (outcome?.invitationId)
        onInvited({ id: outcome.invitationId, email, role, isNew: outcome.isChanged });
      else fail({ text: outcome?.error ?? messageOf(null), field: outcome?.errorField ?? null });
    } catch (error) {
      fail({ text: messageOf(error), field: null });
    }
  };

  return (
    <Sheet
      title={`Invite someone to ${organization.name}`}
      text="Clerk sends them an email with a link. They join when they open it."
      onCancel={onClose}
    >
      <form ref={form} noValidate onSubmit={submit} className="flex flex-col gap-5">
        <TextField
          label="Email address"
          name="email"
          type="email"
          inputMode="email"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          error={failure?.field === "EMAIL" ? failure.text : undefined}
        />
        <div className="flex flex-col gap-1.5">
          <label htmlFor={roleField} className="text-md font-strong">
            Role
          </label>
          <select
            // A new key remounts the select when the loaded roles replace `firstRoles`. React applies `defaultValue` only at a
            // mount.
            key={known ? "known" : "first"}
            id={roleField}
            name="role"
            defaultValue={roles.some(({ key }) => key === MEMBER) ? MEMBER : roles[0]?.key}
            aria-invalid={failure?.field === "ROLE"}
            aria-describedby={failure?.field === "ROLE" ? `${roleField}-error` : undefined}
            className="h-11 w-full rounded-control border border-line-strong bg-surface px-3 text-base focus-visible:outline-offset-0"
          >
            {roles.map(({ key, name }) => (
              <option key={key} value={key}>
                {roleName(key, name)}
              </option>
            ))}
          </select>
          {failure?.field === "ROLE" && (
            <p id={`${roleField}-error`} className="text-sm text-pretty text-bad">
              {failure.text}
            </p>
          )}
        </div>
        <p role="alert" className="text-md text-pretty text-bad empty:hidden">
          {failure?.field === null && failure.text}
        </p>
        <div className="flex flex-wrap justify-end gap-3">
          <Button size="large" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" variant="primary" size="large" disabled={loading}>
            {loading ? "Inviting" : "Invite"}
          </Button>
        </div>
      </form>
    </Sheet>
  );
}
