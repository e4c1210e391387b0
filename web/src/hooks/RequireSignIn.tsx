import { Box } from "@mantine/core";
import type { ReactNode } from "react";
import { Redirect, useLocation } from "wouter";

import { useServerInfo } from "@/api/queries";
import { Empty, Failure, PageLoading } from "@/components/states";
import type { Permission } from "@/gen/auth";
import { useAuth } from "./useAuth";

/**
 * RequireSignIn shows its children to a signed-in account (with the permission,
 * where one is named) and sends everybody else to sign-in, or to the set-up
 * page of a new server. The server checks again; this is only for show.
 */
export function RequireSignIn({ permission, children }: { permission?: Permission; children: ReactNode }) {
  const { me, loading, error, retry, can } = useAuth();
  const server = useServerInfo();
  const [location] = useLocation();
  if (loading || (me === null && server.isPending)) return <PageLoading />;
  if (error !== null) return <Box p="lg"><Failure error={error} title="The server did not answer" retry={retry} /></Box>;
  if (me === null) {
    if (server.data?.setup_needed) return <Redirect to="/setup" replace />;
    const next = location === "/" ? "" : `?next=${encodeURIComponent(location)}`;
    return <Redirect to={`/sign-in${next}`} replace />;
  }
  if (me.must_enrol && location !== "/account") return <Redirect to="/account" replace />;
  if (permission !== undefined && !can(permission)) {
    return (
      <Empty title="Your account may not open this page">
        Ask an administrator for the role that it needs.
      </Empty>
    );
  }
  return <>{children}</>;
}
