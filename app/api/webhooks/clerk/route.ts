import { receiveDelivery } from "@/lib/sync/receive";

export const POST = receiveDelivery;
