import { receiveDelivery } from "@/lib/sync/inbox/receive";

export const POST = receiveDelivery;

// Answered by the same function, with 405: Next's own 405 does not say which method is allowed.
export const GET = receiveDelivery;
export const HEAD = receiveDelivery;
export const PUT = receiveDelivery;
export const PATCH = receiveDelivery;
export const DELETE = receiveDelivery;
export const OPTIONS = receiveDelivery;
