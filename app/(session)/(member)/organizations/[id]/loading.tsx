export { OrganizationSkeleton as default } from "@/components/member/organization-skeleton";
