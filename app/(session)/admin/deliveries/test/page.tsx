import { CrumbName } from "@/components/console/breadcrumbs";
import { ConsolePage } from "@/components/console/console-page";
import { DeliveryKinds } from "@/components/console/delivery-kinds";
import { SendTestEvent, VerifyPasted } from "@/components/console/delivery-test";
import { graphql } from "@/lib/document";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

export const metadata = { title: "Test deliveries" };

const testQuery = graphql(`
  query DeliveryTest {
    mayTestDeliveries
  }
`);

export default async function DeliveryTestPage() {
  const drawing = await drawOrReport(async () => {
    await requireAdmin(paths.deliveryTest);
    const { data } = await query({ query: testQuery });
    return (
      <div className="flex flex-col gap-6">
        <div className="flex flex-col gap-4">
          <CrumbName name="Test" />
          <h1 className="text-lg">Deliveries</h1>
          <DeliveryKinds current="test" />
        </div>
        {data.mayTestDeliveries ? (
          <SendTestEvent />
        ) : (
          <p className="max-w-prose text-pretty text-ink-soft">
            This app uses a production instance of Clerk, so it sends no sample events: they would
            change the mirror.
          </p>
        )}
        <VerifyPasted />
      </div>
    );
  });
  return <ConsolePage {...drawing} />;
}
