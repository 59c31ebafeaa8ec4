import { useId } from "react";

export type LegalUrls = { terms: string | undefined; privacy: string | undefined };

/** A link that opens in a new window, so that the person's input in the form is kept. Without a URL, shows plain text. */
function LegalLink({ url, children }: { url: string | undefined; children: string }) {
  if (url === undefined) return children;
  return (
    <a href={url} target="_blank" rel="noreferrer" className="font-strong text-accent underline">
      {children}
    </a>
  );
}

export function LegalAgreement({ urls, error }: { urls: LegalUrls; error: string | undefined }) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="flex items-start gap-2.5 text-md">
        <input
          id={id}
          type="checkbox"
          name="legalAccepted"
          aria-invalid={error !== undefined}
          aria-describedby={error === undefined ? undefined : `${id}-error`}
          className="mt-0.5 size-4 accent-accent"
        />
        <span>
          I agree to the <LegalLink url={urls.terms}>terms of service</LegalLink> and the{" "}
          <LegalLink url={urls.privacy}>privacy policy</LegalLink>
        </span>
      </label>
      {error !== undefined && (
        <p id={`${id}-error`} className="text-sm text-bad">
          {error}
        </p>
      )}
    </div>
  );
}
