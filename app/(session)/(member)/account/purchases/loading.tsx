import { AccountPartSkeleton } from "@/components/account/account-part-skeleton";

export default AccountPartSkeleton;
