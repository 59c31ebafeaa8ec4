"use client";

/** What keeps a page of the console as it is: drawn again when what it shows has changed, or may have. */
import type { OperationVariables, TypedDocumentNode } from "@apollo/client";
import { useSubscription } from "@apollo/client/react";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState, useTransition } from "react";
import { graphql } from "@/lib/document";

const organizationChanged = graphql(`
  subscription ConsoleOrganizationChanged($id: ID) {
    organizationChanged(id: $id) {
      refetch
    }
  }
`);

const membershipsChanged = graphql(`
  subscription ConsoleMembershipsChanged($id: ID) {
    membershipsChanged(organizationId: $id) {
      refetch
    }
  }
`);

const userChanged = graphql(`
  subscription ConsoleUserChanged($id: ID) {
    userChanged(id: $id) {
      refetch
    }
  }
`);

const deliveryReceived = graphql(`
  subscription ConsoleDeliveryReceived {
    deliveryReceived {
      refetch
    }
  }
`);

/** One drawing at a time; what happens meanwhile is seen by one more. */
function useRedraw(): () => void {
  const router = useRouter();
  const [isDrawing, draw] = useTransition();
  const [wanted, setWanted] = useState(0);
  const [drawn, setDrawn] = useState(0);
  useEffect(() => {
    if (isDrawing || drawn === wanted) return;
    draw(() => {
      setDrawn(wanted);
      router.refresh();
    });
  }, [isDrawing, drawn, wanted, router]);
  return () => setWanted((times) => times + 1);
}

function useRedrawOn<Variables extends OperationVariables>(
  document: TypedDocumentNode<unknown, Variables>,
  variables: Variables,
  drawnAt: number,
): void {
  const redraw = useRedraw();
  const known = useRef(drawnAt);
  useEffect(() => {
    known.current = drawnAt;
  }, [drawnAt]);
  useSubscription<unknown, OperationVariables>(document, {
    variables,
    context: { knowsUntil: () => known.current },
    fetchPolicy: "no-cache",
    ignoreResults: true,
    onData: redraw,
    // Refused for good: the page says why, or leads to where one can sign in.
    onError: redraw,
  });
}

/** Organizations and who belongs to them; `id` narrows it to one. `drawnAt`: before the page asked for anything. */
export function LiveOrganizations({ id, drawnAt }: { id?: string; drawnAt: number }) {
  useRedrawOn(organizationChanged, { id }, drawnAt);
  useRedrawOn(membershipsChanged, { id }, drawnAt);
  return null;
}

/** People and what they belong to, also when no delivery told it; `id` narrows it to one. */
export function LivePeople({ id, drawnAt }: { id?: string; drawnAt: number }) {
  useRedrawOn(userChanged, { id }, drawnAt);
  return null;
}

/** The inbox, and with it whatever else Clerk tells. */
export function LiveDeliveries({ drawnAt }: { drawnAt: number }) {
  useRedrawOn(deliveryReceived, {}, drawnAt);
  return null;
}
