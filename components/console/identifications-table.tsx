import { Badge } from "@/components/ui/badge";
import { type Column, Table } from "@/components/ui/table";
import { type FragmentOf, graphql, readFragment } from "@/lib/document";
import { capitalized, visibleText } from "@/lib/format";
import { TextCell } from "./cells";
import { VerifiedBadge } from "./state-badges";

/** A user's e-mail addresses, phone numbers and connected accounts. */
export const Identifications = graphql(`
  fragment Identifications on User {
    email
    phoneNumber
    emailAddresses {
      emailAddress
      isVerified
    }
    phoneNumbers {
      phoneNumber
      isVerified
    }
    externalAccounts {
      provider
      emailAddress
      username
      isVerified
    }
  }
`);

type Row = {
  key: string;
  kind: string;
  text: string | null;
  isVerified: boolean;
  isPrimary: boolean;
};

const columns: Column<Row>[] = [
  {
    header: "Address, number or account",
    width: "w-56 md:w-80",
    cell: ({ text, kind }) => (
      <>
        <TextCell text={text} />
        <span className="block text-xs text-ink-faint md:hidden">{kind}</span>
      </>
    ),
  },
  { header: "Kind", width: "w-36", isWideOnly: true, cell: ({ kind }) => kind },
  {
    header: "State",
    width: "w-44",
    cell: ({ isVerified, isPrimary }) => (
      <span className="flex flex-wrap items-center gap-2">
        <VerifiedBadge isVerified={isVerified} />
        {isPrimary && <Badge tone="neutral">Primary</Badge>}
      </span>
    ),
  },
];

/** Converts Clerk's name of a provider to text: "oauth_google" becomes "Google". */
function providerName(provider: string): string {
  const name = visibleText(provider.replace(/^oauth_/, "").replaceAll("_", " ")) ?? provider;
  return capitalized(name);
}

export function identificationsOf(user: FragmentOf<typeof Identifications>): Row[] {
  const { email, phoneNumber, emailAddresses, phoneNumbers, externalAccounts } = readFragment(
    Identifications,
    user,
  );
  const rows = [
    ...emailAddresses.map(({ emailAddress, isVerified }) => ({
      ...{ kind: "Email address", text: emailAddress, isVerified },
      isPrimary: emailAddress === email,
    })),
    ...phoneNumbers.map(({ phoneNumber: number, isVerified }) => ({
      ...{ kind: "Phone number", text: number, isVerified },
      isPrimary: number === phoneNumber,
    })),
    ...externalAccounts.map(({ provider, emailAddress, username, isVerified }) => ({
      ...{ kind: `${providerName(provider)} account`, text: emailAddress ?? username, isVerified },
      isPrimary: false,
    })),
  ];
  return rows.map((row, index) => ({ ...row, key: String(index) }));
}

export function IdentificationsTable({ rows }: { rows: Row[] }) {
  return (
    <Table
      caption="Addresses, numbers and accounts"
      columns={columns}
      rows={rows}
      keyOf={({ key }) => key}
    />
  );
}
