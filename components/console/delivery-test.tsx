"use client";

import { useApolloClient, useMutation } from "@apollo/client/react";
import { type FormEvent, useEffect, useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { Link } from "@/components/ui/link";
import { graphql, type ResultOf } from "@/lib/document";
import { paths } from "@/lib/paths";
import { sampleEvents } from "./sample-events";
import { Section } from "./section";

const sendMutation = graphql(`
  mutation SendTestDelivery($type: String!, $data: String!) {
    sendTestDelivery(type: $type, data: $data) {
      svixId
      status
      error
    }
  }
`);

const verifyQuery = graphql(`
  query VerifyDelivery($headers: String!, $body: String!) {
    deliveryVerification(headers: $headers, body: $body) {
      isVerified
      sentences
    }
  }
`);

const area =
  "w-full rounded-control border border-line-strong bg-surface px-3 py-2 font-mono text-xs focus-visible:outline-offset-0";
const NO_ANSWER = "Rollcall did not answer. Try again.";

/** Composes an event and sends it, signed, to the webhook endpoint. */
export function SendTestEvent() {
  const [type, setType] = useState(sampleEvents[0]?.type ?? "");
  const [data, setData] = useState("");
  const [failure, setFailure] = useState<string | null>(null);
  const [send, { data: result, loading }] = useMutation(sendMutation);
  const ids = { type: useId(), data: useId() };
  // In the browser only: the sample has the time of now.
  useEffect(() => setData(textOf(type)), [type]);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setFailure(null);
    await send({ variables: { type, data } }).catch(() => setFailure(NO_ANSWER));
  };
  const sent = result?.sendTestDelivery;
  return (
    <Section title="Send a sample event">
      <p className="max-w-prose text-pretty text-ink-soft">
        Rollcall signs the event with its own secret, and the webhook endpoint receives it as from
        Clerk. The mirror then has an object that Clerk does not have: the next reconciliation
        reports it. Send the deletion to remove it.
      </p>
      <form onSubmit={submit} className="flex max-w-3xl flex-col gap-3">
        <label htmlFor={ids.type} className="text-xs text-ink-soft">
          Event type
        </label>
        <select
          id={ids.type}
          value={type}
          onChange={({ target }) => setType(target.value)}
          className="h-9 w-full rounded-control border border-line-strong bg-surface px-2 sm:w-80"
        >
          {sampleEvents.map((each) => (
            <option key={each.type}>{each.type}</option>
          ))}
        </select>
        <label htmlFor={ids.data} className="text-xs text-ink-soft">
          Data
        </label>
        <textarea
          id={ids.data}
          rows={14}
          value={data}
          spellCheck={false}
          onChange={({ target }) => setData(target.value)}
          className={area}
        />
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" variant="primary" disabled={loading}>
            {loading ? "Sending" : "Sign and send"}
          </Button>
          <p role="status" className="text-ink-soft">
            {failure ?? (sent && <Sent sent={sent} />)}
          </p>
        </div>
      </form>
    </Section>
  );
}

function textOf(type: string): string {
  const sample = sampleEvents.find((each) => each.type === type);
  return JSON.stringify(sample?.data(Date.now()) ?? {}, null, 2);
}

function Sent({ sent }: { sent: ResultOf<typeof sendMutation>["sendTestDelivery"] }) {
  if (sent.svixId === null || sent.status === null) return sent.error;
  return (
    <>
      The endpoint answered {sent.status}.{" "}
      {sent.error ?? (
        <Link href={paths.delivery(sent.svixId)} className="text-accent hover:underline">
          Open the delivery
        </Link>
      )}
    </>
  );
}

type Verification = ResultOf<typeof verifyQuery>["deliveryVerification"];

/** Verifies a pasted delivery with the secret of the environment. */
export function VerifyPasted() {
  const client = useApolloClient();
  const [result, setResult] = useState<Verification | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const ids = { headers: useId(), body: useId() };
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    setIsBusy(true);
    setFailure(null);
    setResult(null);
    try {
      const { data } = await client.query({
        query: verifyQuery,
        // A form submits line breaks as CR LF. The body was pasted with LF.
        variables: {
          headers: String(given.get("headers") ?? ""),
          body: String(given.get("body") ?? "").replaceAll("\r\n", "\n"),
        },
        fetchPolicy: "no-cache",
      });
      setResult(data?.deliveryVerification ?? null);
    } catch {
      setFailure(NO_ANSWER);
    }
    setIsBusy(false);
  };
  return (
    <Section title="Verify a delivery offline">
      <p className="max-w-prose text-pretty text-ink-soft">
        Paste the headers and the body of a webhook, from Clerk’s dashboard or a log. Rollcall
        checks them with CLERK_WEBHOOK_SIGNING_SECRET. Nothing is stored or sent.
      </p>
      <form onSubmit={submit} className="flex max-w-3xl flex-col gap-3">
        <label htmlFor={ids.headers} className="text-xs text-ink-soft">
          Headers
        </label>
        <textarea
          id={ids.headers}
          name="headers"
          rows={4}
          required
          spellCheck={false}
          placeholder={"svix-id: msg_…\nsvix-timestamp: 1790000000\nsvix-signature: v1,…"}
          className={area}
        />
        <label htmlFor={ids.body} className="text-xs text-ink-soft">
          Body
        </label>
        <textarea
          id={ids.body}
          name="body"
          rows={8}
          required
          spellCheck={false}
          placeholder='{"data":{…},"object":"event","type":"user.created"}'
          className={area}
        />
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" variant="primary" disabled={isBusy}>
            {isBusy ? "Verifying" : "Verify"}
          </Button>
        </div>
        <div role="status" className="flex max-w-prose flex-col gap-1">
          {failure && <p className="text-bad">{failure}</p>}
          {result && (
            <p className={result.isVerified ? "font-strong text-good" : "font-strong text-bad"}>
              {result.isVerified ? "Verified" : "Not verified"}
            </p>
          )}
          {result?.sentences.map((sentence) => (
            <p key={sentence} className="text-pretty wrap-anywhere">
              {sentence}
            </p>
          ))}
        </div>
      </form>
    </Section>
  );
}
