import { currentUser } from "@clerk/nextjs/server";

export default async function Home() {
  const user = await currentUser();
  const email = user?.primaryEmailAddress?.emailAddress;
  return <p>{email ? `Signed in as ${email}` : "Signed out"}</p>;
}
