import { RefreshUntil } from "@/components/account/refresh-until";
import { ButtonAnchor } from "@/components/ui/button";
import { type FragmentOf, graphql, readFragment } from "@/lib/document";

export const ErasureReceiptFields = graphql(`
  fragment ErasureReceiptFields on ErasureReceipt {
    line
    isWaiting
  }
`);

function textOf(isErased: boolean, isWaiting: boolean): string {
  if (isErased)
    return "Your data is erased. The receipt says how many records were erased, and when. It does not name you.";
  if (isWaiting)
    return "Your access has ended. The erasure of your data is held back for now. Come back to this address: your receipt appears here when it is done.";
  return "Your data is being erased. Your receipt appears here when that is done, usually within a minute. You can also come back to this address.";
}

/**
 * Shows the receipt of the visitor's erasure as a download, or says that the erasure is not finished yet. `receipt` is null if no
 * receipt has the token in the page's URL.
 */
export function ErasureReceipt({
  receipt,
}: {
  receipt: FragmentOf<typeof ErasureReceiptFields> | null;
}) {
  if (receipt === null)
    return <p className="text-ink-soft">No receipt has this address. Check that it is complete.</p>;
  const { line, isWaiting } = readFragment(ErasureReceiptFields, receipt);
  return (
    <>
      <RefreshUntil isFinished={line !== null || isWaiting} />
      <p role="status" className="text-pretty text-ink-soft">
        {textOf(line !== null, isWaiting)}
      </p>
      {line !== null && (
        <ButtonAnchor
          href={`data:application/json,${encodeURIComponent(line)}`}
          download="erasure-receipt.json"
          size="large"
        >
          Download the receipt
        </ButtonAnchor>
      )}
    </>
  );
}
