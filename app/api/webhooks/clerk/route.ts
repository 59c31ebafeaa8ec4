import { receiveDelivery } from "@/lib/sync/inbox/receive";

export const POST = receiveDelivery;
